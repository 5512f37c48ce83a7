import { LRUCache } from 'lru-cache';
import type { User } from '../domain/user.ts';
import type { Accounts } from '../ports/accounts.ts';

/** Users as this process has lately read them: whoever writes in a busy room is not read again for every message. */
export interface KnownUsers {
  /** The user, where it is known without asking the store. */
  peek(id: string): User | null;
  /** Takes note of a user just read. */
  remember(user: User): void;
  /** The users with these ids, in the order asked; null where there is none. At most one round trip. */
  get(ids: readonly string[]): Promise<readonly (User | null)[]>;
}

const USERS_MAX = 20_000;
// Nothing in the API changes an account, so this is only how long what an operator did by hand may go unnoticed.
const FRESH_MS = 60_000;

/** A bounded memory in front of the accounts. One that is not there is asked for each time: it may be there the next moment. */
export function createKnownUsers(accounts: Pick<Accounts, 'get'>): KnownUsers {
  const known = new LRUCache<string, User>({ max: USERS_MAX, ttl: FRESH_MS });

  async function read(ids: readonly string[]): Promise<Map<string, User>> {
    const users = ids.length === 0 ? [] : await accounts.get(ids);
    const found = users.filter((user) => user !== null);
    for (const user of found) known.set(user.id, user);
    return new Map(found.map((user) => [user.id, user]));
  }

  return {
    peek: (id) => known.get(id) ?? null,
    remember: (user) => void known.set(user.id, user),
    async get(ids) {
      const had = new Map(ids.map((id) => [id, known.get(id)]));
      const missing = await read([...had.keys()].filter((id) => had.get(id) === undefined));
      return ids.map((id) => had.get(id) ?? missing.get(id) ?? null);
    },
  };
}
