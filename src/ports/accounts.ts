import type { Account, User } from '../domain/user.ts';

/** What sign-up hands over; the store adds the time. */
export interface NewAccount {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly avatarUrl: string | null;
  readonly isBot: boolean;
  /** Argon2id, PHC string form. */
  readonly passwordHash: string;
}

/** Accounts and their unique usernames. Every operation is atomic for one account. */
export interface Accounts {
  /**
   * Stores the account and claims its folded username. Of any number of simultaneous claims of one name exactly
   * one succeeds; the others throw CONFLICT (field "input.username") and leave nothing that can be found. The same call again
   * (same id and name) gives the account as it was first stored: a store client may send a call twice.
   */
  create(account: NewAccount): Promise<User>;
  /** The users with these ids, in the order asked; null where there is none. One round trip. */
  get(ids: readonly string[]): Promise<readonly (User | null)[]>;
  /** The accounts with these usernames, in whatever case, in the order asked; null where there is none. */
  byUsername(usernames: readonly string[]): Promise<readonly (Account | null)[]>;
  /** The ids of the accounts with these usernames, in whatever case, in the order asked; null where there is none. One round trip. */
  idsOf(usernames: readonly string[]): Promise<readonly (string | null)[]>;
  /** Replaces the password hash, for a change of parameters. No-op where the account is gone. */
  setPasswordHash(id: string, passwordHash: string): Promise<void>;
}
