import { DomainError } from '../../domain/errors.ts';
import { foldUsername } from '../../domain/text.ts';
import type { Account, User } from '../../domain/user.ts';
import type { Accounts } from '../../ports/accounts.ts';
import type { Embedded } from './database.ts';

export function createAccounts(store: Embedded): Accounts {
  const { tables } = store;
  const account = (id: string): Account | null => accountOf(store, id);

  return {
    create: ({ id, ...given }) =>
      store.write((step) => {
        const name = foldUsername(given.username);
        const holder = tables.usernames.get(name);
        const existing = holder === id ? account(id) : null;
        if (existing) return publicPart(existing);
        if (holder !== undefined) throw new DomainError('CONFLICT', 'The username is taken.', { field: 'input.username' });
        tables.usernames.putSync(name, id);
        tables.users.putSync(id, { ...given, createdAt: step.now });
        return publicPart({ id, ...given, createdAt: step.now });
      }),

    get: (ids) => store.read(() => ids.map((id) => userOf(store, id))),

    byUsername: (usernames) =>
      store.read(() =>
        usernames.map((username) => {
          const id = tables.usernames.get(foldUsername(username));
          return id === undefined ? null : account(id);
        }),
      ),

    idsOf: (usernames) => store.read(() => usernames.map((username) => tables.usernames.get(foldUsername(username)) ?? null)),

    setPasswordHash: (id, passwordHash) =>
      store.write(() => {
        const record = tables.users.get(id);
        if (record) tables.users.putSync(id, { ...record, passwordHash });
      }),
  };
}

function accountOf({ tables }: Embedded, id: string): Account | null {
  const record = tables.users.get(id);
  return record ? { id, ...record } : null;
}

/** The user of that id, or null. Within a read. */
export function userOf(store: Embedded, id: string): User | null {
  const found = accountOf(store, id);
  return found && publicPart(found);
}

/** All but the password hash. */
const publicPart = ({ id, username, displayName, avatarUrl, isBot, createdAt }: Account): User => ({
  id,
  username,
  displayName,
  avatarUrl,
  isBot,
  createdAt,
});
