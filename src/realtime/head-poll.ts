import type { Clock } from '../domain/clock.ts';
import type { JoinedRooms } from '../ports/joined-rooms.ts';
import type { LiveFeed } from '../ports/live-feed.ts';
import type { Timeline } from '../ports/timeline.ts';
import type { Registry } from './registry.ts';
import type { RoomChannel } from './room-channel.ts';
import type { UserChannel } from './user-channel.ts';

/** What the poll compares with. */
export interface HeadPollDeps {
  readonly clock: Clock;
  readonly feed: Pick<LiveFeed, 'onRestored'>;
  readonly timeline: Pick<Timeline, 'heads'>;
  readonly joinedRooms: Pick<JoinedRooms, 'versions'>;
  readonly rooms: Pick<Registry<RoomChannel>, 'entries'>;
  readonly users: Pick<Registry<UserChannel>, 'entries'>;
}

// Asked about in one call: bounds the size of a pipeline.
const BATCH = 500;
// News still on its way when the store was asked gets this long before it counts as lost.
const GRACE_MS = 250;

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += BATCH) yield items.slice(start, start + BATCH);
}

/**
 * Finds what was lost without a sign (P6): a lost last event has no successor to reveal it, so the store is asked where every watched room and user
 * stands, regularly and at once when the link comes back. Runs only while something is watched.
 *
 * @returns `wake`, to be called when something begins to be watched, and `close`
 */
export function createHeadPoll(deps: HeadPollDeps, everyMs: number): { wake(): void; close(): void } {
  const { clock, timeline, joinedRooms, rooms, users } = deps;
  let stop: (() => void) | null = null;
  let closed = false;

  async function checkRooms(graceMs: number): Promise<void> {
    for (const batch of batches(rooms.entries().filter(([, channel]) => channel.head.epoch !== ''))) {
      const asked = batch.map(([, channel]) => channel.head);
      const heads = await timeline.heads(batch.map(([roomId]) => roomId));
      batch.forEach(([, channel], index) => {
        const before = asked[index];
        const stands = heads[index] ?? null;
        if (!before) return;
        const ahead = stands !== null && stands.epoch === channel.head.epoch && stands.number > channel.head.number;
        if (ahead && graceMs > 0) clock.after(graceMs, () => channel.check(stands, before));
        else channel.check(stands, before);
      });
    }
  }

  async function checkUsers(): Promise<void> {
    for (const batch of batches(users.entries())) {
      const versions = await joinedRooms.versions(batch.map(([userId]) => userId));
      batch.forEach(([, channel], index) => {
        channel.check(versions[index] ?? 0);
      });
    }
  }

  function ask(graceMs: number): void {
    if (closed) return;
    if (rooms.entries().length + users.entries().length === 0) {
      stop?.();
      stop = null;
      return;
    }
    // An outage ends with the link being restored, which asks again.
    Promise.all([checkRooms(graceMs), checkUsers()]).catch(() => {});
  }

  const unlisten = deps.feed.onRestored(() => ask(0));

  return {
    wake() {
      if (!closed) stop ??= clock.every(everyMs, () => ask(GRACE_MS));
    },
    close() {
      closed = true;
      stop?.();
      unlisten();
    },
  };
}
