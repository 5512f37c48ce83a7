/** A person or bot with an account, as everyone signed in may see it. Times are ms since 1970, store's clock. */
export interface User {
  readonly id: string;
  /** As chosen at sign-up; unique without regard to case (see `foldUsername`). */
  readonly username: string;
  readonly displayName: string;
  readonly avatarUrl: string | null;
  readonly isBot: boolean;
  readonly createdAt: number;
}

/** An account with what only the sign-in code may see. */
export interface Account extends User {
  /** Argon2id in PHC string form, parameters included. */
  readonly passwordHash: string;
}

/** A signed-in session. The token itself is never stored, only its SHA-256. */
export interface Session {
  /** Public handle of the session, not a secret: 16 of [0-9a-f]. */
  readonly id: string;
  readonly userId: string;
  /** ms since 1970, store's clock. */
  readonly expiresAt: number;
  /** ms left by the store's clock at the moment of the answer; arm timers with this, not with a local clock. */
  readonly remainingMs: number;
}
