import type { Session } from '../domain/user.ts';

/** Sessions, found by the SHA-256 of their token (64 hex digits). The token itself never reaches the store. */
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
  find(tokenHash: string): Promise<Session | null>;
  /**
   * Ends the session and tells the user's feed (`session-revoked`) in the same atomic step as the end itself, so the
   * news survives the death of the calling process. Returns whether it was live.
   */
  revoke(tokenHash: string): Promise<boolean>;
  /** Which of these sessions of one user are still live, in the order asked. */
  alive(userId: string, sessionIds: readonly string[]): Promise<readonly boolean[]>;
}
