import { DomainError } from '../../domain/errors.ts';
import type { Account, User } from '../../domain/user.ts';
import type { Accounts, NewAccount } from '../../ports/accounts.ts';
import type { Client } from './clients.ts';
import { userKeys, usernameKey } from './keys.ts';
import type { Parts } from './parts.ts';
import { asNumber, asText, asTextOrNull, UnreadableError } from './reply.ts';

/** Of which {@link decodeUser} makes a user, in that order. */
export const USER_FIELDS = ['username', 'displayName', 'avatarUrl', 'isBot', 'createdAt'] as const;

/**
 * Accounts as hashes at {user:ID}, found by username:NAME. Account and name lie in different slots, so the account is written first and
 * then the name claimed: whoever finds a name finds its account. An account whose claim never came is found by nobody.
 */
export function createAccounts({ scripts, writer, reader }: Parts): Accounts {
  /** Claims the name, or finds it claimed by the same account before. */
  async function claim({ id, username }: NewAccount): Promise<boolean> {
    const key = usernameKey(username);
    const claimed = await writer.run((client) => client.set(key, id, 'NX'));
    return claimed === 'OK' || (await writer.run((client) => client.get(key))) === id;
  }

  const idsOf: Accounts['idsOf'] = (usernames) =>
    reader.run((client) => Promise.all(usernames.map((username) => client.get(usernameKey(username)))));

  return {
    async create(account) {
      const fields = await scripts.createUser(account.id, fieldsOf(account));
      if (!(await claim(account))) {
        await writer.run((client) => client.del(userKeys(account.id).user));
        throw new DomainError('CONFLICT', 'That username is taken.', { field: 'input.username' });
      }
      const user = decodeUser(account.id, fields);
      if (!user) throw new UnreadableError('A script answered without the account it wrote');
      return user;
    },

    get: (ids) =>
      reader.run((client) =>
        Promise.all(ids.map(async (id) => decodeUser(id, await client.hmget(userKeys(id).user, ...USER_FIELDS)))),
      ),

    async byUsername(usernames) {
      const ids = await idsOf(usernames);
      return reader.run((client) => Promise.all(ids.map(async (id) => (id === null ? null : accountOf(client, id)))));
    },

    idsOf,

    async setPasswordHash(id, passwordHash) {
      await scripts.setPasswordHash(id, passwordHash);
    },
  };
}

async function accountOf(client: Client, id: string): Promise<Account | null> {
  const [hash, ...fields] = await client.hmget(userKeys(id).user, 'passwordHash', ...USER_FIELDS);
  const user = decodeUser(id, fields);
  return user && { ...user, passwordHash: asText(hash) };
}

const fieldsOf = ({ username, displayName, avatarUrl, isBot, passwordHash }: NewAccount): string[] => [
  'username',
  username,
  'displayName',
  displayName,
  ...(avatarUrl === null ? [] : ['avatarUrl', avatarUrl]),
  'isBot',
  isBot ? '1' : '0',
  'passwordHash',
  passwordHash,
];

/** Null where there is no such account. */
export function decodeUser(id: string, [username, displayName, avatarUrl, isBot, createdAt]: readonly unknown[]): User | null {
  if (username === null) return null;
  return {
    id,
    username: asText(username),
    displayName: asText(displayName),
    avatarUrl: asTextOrNull(avatarUrl),
    isBot: isBot === '1',
    createdAt: asNumber(createdAt),
  };
}
