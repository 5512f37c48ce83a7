import { unavailable } from '../../domain/errors.ts';
import type { Store } from '../../ports/store.ts';
import { createAccounts } from './accounts.ts';
import { openClient } from './clients.ts';
import { createDirectory } from './directory.ts';
import { createJoinedRooms } from './joined-rooms.ts';
import { presenceKey } from './keys.ts';
import { createLink, type Link, within } from './link.ts';
import { createLinkState } from './link-state.ts';
import { createLiveFeed } from './live-feed.ts';
import { createMemberships } from './memberships.ts';
import type { RedisStoreOptions } from './options.ts';
import type { Parts } from './parts.ts';
import { createPresenceLeases } from './presence-leases.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRooms } from './rooms.ts';
import { createRoute } from './routes.ts';
import { createScripts } from './scripts.ts';
import { checkServers } from './server-checks.ts';
import { createSessions } from './sessions.ts';
import { createTimeline } from './timeline.ts';

export type { RedisSettings, RedisStoreOptions, StoreLog, StoreObserve } from './options.ts';

const START_MS = 10_000;
const PING_MS = 1000;

/**
 * The store on Redis 7 or later, or Valkey: one server, one found by Sentinel, or a cluster. Any number of processes may use the same one.
 * Rejects with UNAVAILABLE, its cause inside, where Redis cannot be reached in time.
 */
export async function createRedisStore({ redis, log, observe = {}, startMs = START_MS }: RedisStoreOptions): Promise<Store> {
  const client = openClient(redis, 'write');
  const writer = createLink(client);
  const reader = createLink(openClient(redis, 'read'));
  const links = createLinkState(log, observe);

  const unreadable = (where: string): void => {
    log.warn({ where }, 'Something unreadable in Redis was passed over');
    observe.onUnreadable?.(where);
  };
  const route = createRoute(client, redis);
  const feed = createLiveFeed({ route, link: reader, log, unreadable, onConnected: links.update });
  const parts: Parts = {
    scripts: createScripts(writer, reader, route.sharded),
    writer,
    reader,
    sharded: route.sharded,
    unreadable,
  };

  async function close(): Promise<void> {
    links.end();
    feed.close();
    await Promise.all([reader.close(), writer.close()]);
  }

  try {
    await Promise.all([writer.ready(startMs), reader.ready(startMs)]);
    await checkServers(client, log);
  } catch (error) {
    await close();
    throw error;
  }
  links.begin([writer, reader], feed);

  return {
    kind: 'redis',
    accounts: createAccounts(parts),
    sessions: createSessions(parts),
    directory: createDirectory(parts),
    rooms: createRooms(parts),
    memberships: createMemberships(parts),
    joinedRooms: createJoinedRooms(parts),
    timeline: createTimeline(parts),
    presence: createPresenceLeases(parts),
    rates: createRateLimits(parts),
    feed,
    ping: () => ping(writer),
    close,
  };
}

async function ping(writer: Link): Promise<void> {
  // Not PING: a cluster answers that though slots are missing, and a server whose disk is full does not, though it can be read.
  await within(
    PING_MS,
    writer.run((client) => client.exists(presenceKey)),
  ).catch((error: unknown) => {
    throw unavailable(error);
  });
}
