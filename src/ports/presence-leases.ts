import type { Presence } from '../domain/presence.ts';

/** One who was offline until now, with the rooms on their list (`JoinedRooms.list`). */
export interface Arrived {
  readonly userId: string;
  readonly roomIds: readonly string[];
}

/** One who went offline, with the rooms on their list. */
export interface Gone extends Arrived {
  readonly lastSeenAt: number;
}

/**
 * Presence as leases (P10): a user is online while one lease lives. One lease per user and process, renewed while it has
 * connections. `lastSeenAt` is when a lease of the user was last taken, extended or released, online or not.
 */
export interface PresenceLeases {
  /** Takes or extends the lease of `holder` (a process) for each user to `ttlMs` from now. Returns the users who were offline before (as `get` says, swept or not). */
  renew(holder: string, userIds: readonly string[], ttlMs: number): Promise<readonly Arrived[]>;
  /** Shortens the lease of `holder` to `graceMs` from now, so that one who comes right back never was away. Never extends it; no-op where there is none. */
  release(holder: string, userId: string, graceMs: number): Promise<void>;
  /**
   * Ends what has expired, at most `limit` users, and returns those who went offline by it. Of any number of
   * processes sweeping at once exactly one gets each user. Call again at once where `limit` were returned.
   */
  sweep(limit: number): Promise<readonly Gone[]>;
  /** Presence of these users, in the order asked. A lease that has expired counts as ended, swept or not. One round trip (per node). */
  get(userIds: readonly string[]): Promise<readonly Presence[]>;
}
