import { randomBytes } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import { unavailable } from '../domain/errors.ts';
import type { Presence } from '../domain/presence.ts';
import type { Store } from '../ports/store.ts';
import { createBatches } from './batches.ts';
import { createHeadPoll } from './head-poll.ts';
import type { Hub } from './hub.ts';
import type { Observe } from './observe.ts';
import { createPresenceKeeper, type PresenceKeeperOptions } from './presence-keeper.ts';
import { createRegistry } from './registry.ts';
import { type Backoff, createRetry } from './retry.ts';
import { createRoomChannel, type RoomChannel } from './room-channel.ts';
import { type RoomEventsDeps, subscribeRoom } from './room-events.ts';
import { createStandings } from './standings.ts';
import { createUserChannel, type UserChannel } from './user-channel.ts';
import { subscribeViewer } from './viewer-events.ts';

/** What the live side needs from the rest. */
export interface HubDeps {
  readonly store: Pick<Store, 'feed' | 'timeline' | 'memberships' | 'joinedRooms' | 'sessions' | 'presence' | 'rooms'>;
  readonly clock: Clock;
  readonly observe: Observe;
  /** Told of failures that mend themselves. */
  readonly onError: (error: unknown) => void;
}

/** Its bounds and times; see config.realtime, config.limits and config.presence. */
export interface HubOptions {
  readonly queueEvents: number;
  readonly queueBytes: number;
  readonly headPollMs: number;
  readonly windowEvents: number;
  readonly windowBytes: number;
  readonly lingerMs: number;
  readonly viewerMergeMs: number;
  readonly retryMs: Backoff;
  /** The most events one replay carries. */
  readonly replay: number;
  readonly presence: Omit<PresenceKeeperOptions, 'holder'>;
}

// Users whose versions are read together: bounds the size of one command.
const VERSIONS_AT_ONCE = 500;
// Questions for the presence of contacts that are answered together. A herd asks for the same ones many times over.
const PRESENCES_AT_ONCE = 5000;
const NEVER_SEEN: Presence = { online: false, lastSeenAt: null };

/** The live side of this process. */
export function createHub(deps: HubDeps, options: HubOptions): Hub {
  const { store, clock, observe } = deps;
  const { feed, timeline, memberships, joinedRooms, sessions, presence } = store;
  const retry = createRetry(clock, options.retryMs);
  const subscribers = new Set<AsyncIterableIterator<unknown>>();
  let queuedBytes = 0;
  let closed = false;

  const versionOf = createBatches<string, number>((userIds) => {
    const all = joinedRooms.versions(userIds);
    return userIds.map((_, index) => all.then((versions) => versions[index] ?? 0));
  }, VERSIONS_AT_ONCE);
  // One who comes is asked about by all their contacts at once: they are read once.
  const presenceOf = createBatches<string, Presence>((userIds) => {
    const reads = new Map<string, Promise<Presence>>();
    for (const userId of userIds) if (!reads.has(userId)) reads.set(userId, readPresence(userId));
    return userIds.map((userId) => reads.get(userId) as Promise<Presence>);
  }, PRESENCES_AT_ONCE);
  const rooms = createRegistry<RoomChannel>(makeRoom, (channel) => channel.close(), clock, options.lingerMs);
  const userDeps = { feed, versionOf, sessions, retry };
  const users = createRegistry<UserChannel>(
    (userId) => createUserChannel(userId, userDeps),
    (channel) => channel.close(),
    clock,
    options.lingerMs,
  );
  const poll = createHeadPoll({ clock, feed, timeline, joinedRooms, rooms, users }, options.headPollMs);
  const standings = createStandings(memberships, retry, () => closed);
  const standingsNow = createStandings(
    memberships,
    (work) => work(),
    () => closed,
  );
  const keeper = createPresenceKeeper(
    { clock, leases: presence, rooms: store.rooms, feed, onError: deps.onError },
    { ...options.presence, holder: randomBytes(8).toString('hex') },
  );

  const roomDeps: RoomEventsDeps = {
    acquire: acquireRoom,
    standings,
    observe,
    onBytes(change) {
      queuedBytes += change;
    },
    onGone: (subscription) => void subscribers.delete(subscription),
    bounds: options,
  };

  async function readPresence(userId: string): Promise<Presence> {
    const [now = NEVER_SEEN] = await presence.get([userId]);
    return now;
  }

  function makeRoom(roomId: string): RoomChannel {
    const channel: RoomChannel = createRoomChannel(
      roomId,
      { feed, timeline, retry, clock, observe, onClosed: () => queueMicrotask(() => rooms.discard(roomId, channel)) },
      options,
    );
    return channel;
  }

  function acquireRoom(roomId: string) {
    poll.wake();
    return rooms.acquire(roomId);
  }

  function acquireUser(userId: string) {
    poll.wake();
    return users.acquire(userId);
  }

  function keep<T extends AsyncIterableIterator<unknown>>(iterator: T): T {
    if (closed) throw unavailable();
    subscribers.add(iterator);
    return iterator;
  }

  return {
    roomEvents: (input) => keep(subscribeRoom(roomDeps, input)),
    standing: (roomId, userId) => standingsNow.of(roomId, userId),
    async isMember(roomId, userId) {
      const standing = await standings.of(roomId, userId);
      return standing?.role != null;
    },
    viewerEvents(input) {
      const onGone = () => void subscribers.delete(iterator);
      const { onRestored } = feed;
      const viewerDeps = {
        acquireRoom,
        acquireUser,
        joinedRooms,
        memberships,
        presenceOf,
        onRestored,
        clock,
        retry,
        observe,
        onGone,
      };
      const iterator = keep(subscribeViewer(viewerDeps, input, { mergeMs: options.viewerMergeMs }));
      return iterator;
    },
    async watchSession({ userId, sessionId, onRevoked }) {
      const held = acquireUser(userId);
      const channel = held.value;
      const unwatch = channel.addSession(sessionId, onRevoked);
      const { fresh } = channel;
      const end = () => {
        unwatch();
        held.release();
      };
      try {
        await channel.opened;
      } catch (error) {
        end();
        throw error;
      }
      return { version: fresh ? channel.version : null, end };
    },
    present: (userId) => keeper.present(userId),
    get held() {
      return { rooms: rooms.size, users: users.size, subscribers: subscribers.size, queuedBytes };
    },
    async close() {
      if (closed) return;
      closed = true;
      poll.close();
      await keeper.close();
      await Promise.all([...subscribers].map((iterator) => iterator.return?.()));
      await Promise.all([rooms.close(), users.close()]);
    },
  };
}
