import { randomBytes } from 'node:crypto';
import type { Store } from '../../ports/store.ts';
import { createAccounts } from './accounts.ts';
import { openDatabase } from './database.ts';
import { createDirectory } from './directory.ts';
import { createJoinedRooms } from './joined-rooms.ts';
import { createLocalFeed } from './live-feed.ts';
import { createMemberships } from './memberships.ts';
import { createPresenceLeases } from './presence-leases.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRooms } from './rooms.ts';
import { createSessions } from './sessions.ts';
import { createTimeline } from './timeline.ts';
import type { Log } from './writer.ts';

export { DataDirectoryError } from './database.ts';

/** What the embedded store needs. */
export interface EmbeddedOptions {
  /** Made where it is missing. One process at a time may use it. */
  readonly dataDir: string;
  readonly log: Log;
  /** Wall clock, ms since 1970; a step back is taken as standing still. */
  readonly now?: () => number;
  /** 12 hex digits that name this run of the store; random where left out, and never the same twice. */
  readonly runId?: string;
}

/**
 * The store for one process: everything lies in one LMDB file, what was acknowledged is on the disk, and events are published inside the process.
 * Throws DataDirectoryError where the directory cannot be used or another process uses it.
 */
export async function createEmbeddedStore({ dataDir, log, now = Date.now, runId }: EmbeddedOptions): Promise<Store> {
  const clock = neverBack(now);
  const feed = createLocalFeed(log);
  const rates = createRateLimits(clock);
  const epoch = runId ?? randomBytes(6).toString('hex');
  const database = await openDatabase(dataDir, { epoch, now: clock, outlet: feed, log });
  return {
    kind: 'embedded',
    accounts: createAccounts(database),
    sessions: createSessions(database),
    directory: createDirectory(database),
    rooms: createRooms(database),
    memberships: createMemberships(database),
    joinedRooms: createJoinedRooms(database),
    timeline: createTimeline(database, rates),
    presence: createPresenceLeases(database),
    rates,
    feed,
    ping: () => database.read(() => undefined),
    async close() {
      await database.close();
      feed.close();
    },
  };
}

function neverBack(now: () => number): () => number {
  let latest = 0;
  return () => {
    latest = Math.max(latest, now());
    return latest;
  };
}
