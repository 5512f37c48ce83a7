import type { Accounts } from './accounts.ts';
import type { Directory } from './directory.ts';
import type { JoinedRooms } from './joined-rooms.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Memberships } from './memberships.ts';
import type { PresenceLeases } from './presence-leases.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Rooms } from './rooms.ts';
import type { Sessions } from './sessions.ts';
import type { Timeline } from './timeline.ts';

/**
 * One store behind all ports. Every operation throws UNAVAILABLE within seconds where the store cannot be reached; a write
 * that threw so may have happened. What an operation acknowledged is stored (P3).
 */
export interface Store {
  readonly kind: 'embedded' | 'redis';
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly directory: Directory;
  readonly rooms: Rooms;
  readonly memberships: Memberships;
  readonly joinedRooms: JoinedRooms;
  readonly timeline: Timeline;
  readonly presence: PresenceLeases;
  readonly rates: RateLimits;
  readonly feed: LiveFeed;
  /** Resolves where the store answers within a second; rejects with UNAVAILABLE else. */
  ping(): Promise<void>;
  /** Finishes what runs and lets go of everything. Idempotent; called last. */
  close(): Promise<void>;
}
