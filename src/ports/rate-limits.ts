/** What a limit allows: `burst` at once and `perSecond` steadily after that. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** One more of what a limit counts under that key. */
export interface Spending {
  readonly key: string;
  readonly rate: Rate;
}

/** The answer of a limit. */
export interface Allowance {
  readonly allowed: boolean;
  /** Milliseconds until one more would be allowed; 0 where this one was. */
  readonly retryAfterMs: number;
}

/** Limits shared by all processes. */
export interface RateLimits {
  /**
   * Takes one from the allowance of `key` (any text; it is hashed), by the generic cell rate algorithm (GCRA; ITU-T I.371),
   * on the store's clock. A refused call takes nothing. One round trip; an unused key leaves nothing behind.
   */
  take(key: string, rate: Rate): Promise<Allowance>;
}
