import type { Clock } from '../domain/clock.ts';
import type { LiveFeed } from '../ports/live-feed.ts';
import type { Arrived, PresenceLeases } from '../ports/presence-leases.ts';
import type { Rooms } from '../ports/rooms.ts';

/** Keeps the leases of the users connected to this process (P10), and tells rooms who came and went. */
export interface PresenceKeeper {
  /** Counts one connection of the user until the returned function is called. */
  present(userId: string): () => void;
  close(): Promise<void>;
}

/** What the keeper needs. */
export interface PresenceKeeperDeps {
  readonly clock: Clock;
  readonly leases: PresenceLeases;
  readonly rooms: Pick<Rooms, 'get'>;
  readonly feed: Pick<LiveFeed, 'signal'>;
  /** Told of what failed; presence mends itself with the next renewal or sweep. */
  readonly onError: (error: unknown) => void;
}

/** Its times and bounds; see config.presence. */
export interface PresenceKeeperOptions {
  /** Names this process among the holders of leases. */
  readonly holder: string;
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly graceMs: number;
  readonly sweepMs: number;
  /** Rooms with more members than this are not told: n people coming back at once would be n² events. */
  readonly roomSize: number;
}

// How long it may take until one who came counts as there.
const ARRIVE_MS = 50;
// Leases given back at once: bounds what waits for the store.
const LEAVE_TOGETHER = 100;
// Users per call: bounds a pipeline and one sweep.
const BATCH = 500;

interface Change extends Arrived {
  readonly online: boolean;
  readonly lastSeenAt: number | null;
}

/** One lease per user and process, renewed for all in a few calls; whoever sweeps an expired one tells the rooms. */
export function createPresenceKeeper(deps: PresenceKeeperDeps, options: PresenceKeeperOptions): PresenceKeeper {
  const { clock, leases, onError } = deps;
  const connections = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const arriving = new Set<string>();
  const leaving = new Set<string>();
  let lettingGo = false;
  let stopRenewing: (() => void) | null = null;
  let stopSweeping: (() => void) | null = null;
  let sweepUntil = 0;
  let closed = false;

  // Of many at once: their rooms are mostly the same, and are read once.
  async function tell(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const rooms = await deps.rooms.get([...new Set(changes.flatMap(({ roomIds }) => roomIds))]);
    const small = new Set(rooms.flatMap((room) => (room && room.memberCount <= options.roomSize ? [room.id] : [])));
    await Promise.all(
      changes.map(async ({ roomIds, ...change }) => {
        const told = roomIds.filter((roomId) => small.has(roomId));
        if (told.length > 0) await deps.feed.signal(told, { type: 'presence-changed', ...change });
      }),
    );
  }

  async function renew(userIds: readonly string[]): Promise<void> {
    const arrived = await leases.renew(options.holder, userIds, options.leaseMs);
    // Whoever left meanwhile may have been released before the lease was there.
    const left = userIds.filter((userId) => !connections.has(userId));
    await Promise.all([tell(arrived.map((each) => ({ ...each, online: true, lastSeenAt: null }))), ...left.map(release)]);
  }

  // Whoever ends a lease stays until it has ended: with nobody here there may be nobody else to sweep it.
  async function release(userId: string): Promise<void> {
    let ends = options.leaseMs;
    try {
      await leases.release(options.holder, userId, options.graceMs);
      ends = options.graceMs;
    } finally {
      sweepUntil = Math.max(sweepUntil, clock.now() + ends + 2 * options.sweepMs);
      if (!closed) work();
    }
  }

  async function renewAll(): Promise<void> {
    const all = [...connections.keys()];
    for (let start = 0; start < all.length; start += BATCH) await renew(all.slice(start, start + BATCH));
  }

  async function sweep(): Promise<void> {
    if (connections.size === 0 && clock.now() > sweepUntil) return rest();
    for (;;) {
      const left = await leases.sweep(BATCH);
      await tell(left.map((each) => ({ ...each, online: false })));
      if (left.length < BATCH || closed) return;
    }
  }

  // With nobody here and every grace over, other processes sweep, or nobody is there to be told.
  function rest(): void {
    stopRenewing?.();
    stopSweeping?.();
    stopRenewing = null;
    stopSweeping = null;
  }

  // Nothing may still ask the store once `close` has resolved.
  function run(work: Promise<unknown>): void {
    const mine = work.catch(onError).then(() => void running.delete(mine));
    running.add(mine);
  }

  function work(): void {
    stopRenewing ??= clock.every(options.renewMs, () => run(renewAll()));
    stopSweeping ??= clock.every(options.sweepMs, () => run(sweep()));
  }

  // Those who come within a moment are taken in together: a herd is a few calls, not thousands.
  function arrive(userId: string): void {
    if (arriving.size === 0) clock.after(ARRIVE_MS, admit);
    arriving.add(userId);
  }

  function admit(): void {
    const all = [...arriving].filter((userId) => connections.has(userId));
    arriving.clear();
    if (!closed) for (let start = 0; start < all.length; start += BATCH) run(renew(all.slice(start, start + BATCH)));
  }

  function leave(userId: string): void {
    const left = (connections.get(userId) ?? 1) - 1;
    if (left > 0) return void connections.set(userId, left);
    connections.delete(userId);
    leaving.add(userId);
    if (!lettingGo) run(letGo());
  }

  // Those who go together are let go of some at a time; who is back before their turn never was away.
  async function letGo(): Promise<void> {
    lettingGo = true;
    while (leaving.size > 0) {
      const some = [...leaving].slice(0, LEAVE_TOGETHER);
      for (const userId of some) leaving.delete(userId);
      const ended = await Promise.allSettled(some.map(release));
      const failed = ended.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') onError(failed.reason);
    }
    lettingGo = false;
  }

  return {
    present(userId) {
      if (closed) return () => {};
      const count = connections.get(userId) ?? 0;
      connections.set(userId, count + 1);
      work();
      if (count === 0 && !leaving.delete(userId)) arrive(userId);
      let here = true;
      return () => {
        if (!here || closed) return;
        here = false;
        leave(userId);
      };
    },
    async close() {
      if (closed) return;
      closed = true;
      rest();
      for (const userId of connections.keys()) leaving.add(userId);
      connections.clear();
      if (!lettingGo) run(letGo());
      await Promise.all(running);
    },
  };
}
