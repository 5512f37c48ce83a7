import type { Session, User } from '../domain/user.ts';

/** A session as it was found. */
export interface FoundSession extends Session {
  /**
   * The user's version (`JoinedRooms.versions`), read no later than the session: as long as the user still has that version, the session has not been
   * revoked since.
   */
  readonly version: number;
  /** Whose it is; null where there is no account of that id. */
  readonly user: User | null;
}

/**
 * Sessions, found by their user and the SHA-256 of their token (64 hex digits). The token itself never reaches the store. It starts
 * with the user's id, so that a session lies beside its user and its end and the news of it are one atomic step.
 */
export interface Sessions {
  /** Opens a session that ends by itself after `ttlMs`. At most `limit` live per user: the oldest give way and are revoked. */
  create(session: {
    readonly id: string;
    readonly tokenHash: string;
    readonly userId: string;
    readonly ttlMs: number;
    readonly limit: number;
  }): Promise<Session>;
  /** The live session of that token, or null: unknown, ended and revoked look the same. One round trip. */
  find(userId: string, tokenHash: string): Promise<FoundSession | null>;
  /**
   * Ends the session and tells the user's feed (`session-revoked`) in the same atomic step as the end itself, so the
   * news survives the death of the calling process; the user's version (`JoinedRooms.versions`) rises too. Returns whether it was live.
   */
  revoke(userId: string, tokenHash: string): Promise<boolean>;
  /** Which of these sessions of one user are still live, in the order asked. */
  alive(userId: string, sessionIds: readonly string[]): Promise<readonly boolean[]>;
}
