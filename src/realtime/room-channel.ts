import type { Clock } from '../domain/clock.ts';
import { notFound } from '../domain/errors.ts';
import type { ResetReason, RoomDelivery, RoomEvent, RoomSignal } from '../domain/event.ts';
import { type Position, samePosition } from '../domain/position.ts';
import type { Live, LiveFeed } from '../ports/live-feed.ts';
import type { Timeline } from '../ports/timeline.ts';
import type { Observe } from './observe.ts';
import type { Retry } from './retry.ts';
import type { Group } from './subscriber.ts';
import { createWindow } from './window.ts';

/** Who listens to a room inside this process. */
export interface RoomListener {
  /** The next event, in order, none missing; or something that is not kept. */
  live(event: RoomEvent | RoomSignal, bytes: number): void;
  /**
   * Events were lost for good: the room goes on from `head`. Nothing further is delivered before this resolves, so a listener can first
   * make sure of what it may show.
   */
  reset(reason: ResetReason, head: Position): Promise<void>;
  /** The room is gone or the channel closes; nothing follows. */
  end(error?: Error): void;
}

/** A listener that, while all goes its usual way, needs not be told of every event by itself. */
export interface Rider extends RoomListener {
  readonly userId: string;
  /** Where it has room and nothing waits: the group in which what happens is shown to it. Asked right before it rides. */
  board(): Group<RoomDelivery> | null;
  /** It listens for itself again. */
  alight(): void;
}

/** One room as this process sees it: one subscription to the store, in order and without holes for any number of listeners. */
export interface RoomChannel {
  /** Resolves once live events cannot be missed, waiting out an outage; rejects where there is no such room. */
  readonly opened: Promise<void>;
  /** The last event handed to the listeners. */
  readonly head: Position;
  /** The mark of having caught up with `head`: one object for all who get there within a moment, so that what they are shown with it is made once. */
  mark(): CaughtUp;
  add(listener: RoomListener): void;
  /**
   * From the next event on, what happens is handed to the rider's group and no more to the rider. It goes back to listening for itself when it asks
   * (`unride`) and before anything that concerns it alone: its own removal, a reset, the end.
   */
  ride(rider: Rider): void;
  unride(rider: Rider): void;
  remove(listener: RoomListener | Rider): void;
  readonly listeners: number;
  /** What happened after the cursor up to `head`, from memory; null where memory does not reach back so far. */
  since(cursor: Position): readonly RoomEvent[] | null;
  /** Reads from the store what `since` lacks for that cursor, one read at a time for all who ask. Null: ask `since` again. */
  refill(cursor: Position): Promise<ResetReason | null>;
  /** Compares with where the store says the room stands, and recovers what is missing. `asked` is the head when the store was asked. */
  check(stands: Position | null, asked: Position): void;
  /** Ends everything. Idempotent. */
  close(error?: Error): Promise<void>;
}

/** That a reader has everything up to the position. */
export type CaughtUp = Extract<RoomDelivery, { type: 'caught-up' }>;

/** What a channel needs. */
export interface RoomChannelDeps {
  readonly feed: Pick<LiveFeed, 'watchRoom'>;
  readonly timeline: Pick<Timeline, 'replay' | 'heads'>;
  readonly retry: Retry;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly observe: Observe;
  /** Called once when the channel has closed, by itself or not. */
  readonly onClosed: () => void;
}

/** Its bounds. */
export interface RoomChannelOptions {
  /** The most events one replay carries. */
  readonly replay: number;
  readonly windowEvents: number;
  readonly windowBytes: number;
}

// While a recovery runs, live events wait here; more than this and they are dropped: the recovery finds them in the log anyway.
const PENDING_MAX = 1000;
// How long memory keeps what was read for one who resumed, beyond its bounds.
const REFILL_KEPT_MS = 3000;
// How long a mark is shared: what is shown with it may be that old.
const MARK_MS = 500;

/**
 * The order of a room, kept: an event is handed on only if its number is the next one. Anything else is a double (dropped) or a sign that
 * something was lost, and then the log is read from the last number handed on. Pub/Sub is a hint, the log is the truth (P5, P6).
 * The scheme is that of Centrifugo's recovery (subscribe first, then read, drop doubles by number).
 */
export function createRoomChannel(roomId: string, deps: RoomChannelDeps, options: RoomChannelOptions): RoomChannel {
  const { feed, timeline, retry, clock, observe } = deps;
  const listeners = new Set<RoomListener>();
  const riders = new Map<Rider, Group<RoomDelivery>>();
  const groups = new Map<Group<RoomDelivery>, number>();
  // While an event is handed round nobody gets on: they would hear it twice or not at all.
  let delivering = false;
  const boarding: Rider[] = [];
  const window = createWindow({ epoch: '', number: 0 }, { events: options.windowEvents, bytes: options.windowBytes });
  let unwatch: (() => Promise<void>) | null = null;
  let closed = false;
  // The reading of the log that is under way: recoveries and refills never overlap.
  let reading: Promise<unknown> | null = null;
  let recovering = false;
  // The cursors of those who wait for a reading, and how to end the time for which one is kept.
  const resuming = new Set<Position>();
  let kept: (() => void) | null = null;
  const pending: Live<RoomEvent>[] = [];
  // The last mark given out and until when it holds.
  let marked: { readonly mark: CaughtUp; readonly until: number } | null = null;

  const isEvent = (event: RoomEvent | RoomSignal): event is RoomEvent => 'position' in event;

  function deliver(event: RoomEvent | RoomSignal, bytes: number): void {
    marked = null;
    delivering = true;
    try {
      handRound(event, bytes);
    } finally {
      delivering = false;
      for (const rider of boarding.splice(0)) ride(rider);
    }
  }

  function handRound(event: RoomEvent | RoomSignal, bytes: number): void {
    if (event.type === 'member-left') alight((rider) => rider.userId === event.message.authorId);
    for (const listener of listeners) listener.live(event, bytes);
    for (const [group, size] of groups) {
      observe.eventOut(size);
      group.item(event);
    }
  }

  function ride(rider: Rider): void {
    if (delivering) return void boarding.push(rider);
    const group = closed || !listeners.has(rider) ? null : rider.board();
    if (!group) return;
    listeners.delete(rider);
    riders.set(rider, group);
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }

  function unride(rider: Rider): boolean {
    const group = riders.get(rider);
    if (!group) return false;
    riders.delete(rider);
    const left = (groups.get(group) ?? 0) - 1;
    if (left > 0) groups.set(group, left);
    else groups.delete(group);
    rider.alight();
    return true;
  }

  function alight(which: (rider: Rider) => boolean): void {
    for (const rider of [...riders.keys()].filter(which)) {
      unride(rider);
      listeners.add(rider);
    }
  }

  function onLive({ event, bytes }: Live<RoomEvent | RoomSignal>): void {
    if (closed) return;
    if (!isEvent(event)) return deliver(event, bytes);
    observe.eventIn();
    if (recovering) {
      if (pending.length < PENDING_MAX) pending.push({ event, bytes });
      return;
    }
    accept(event, bytes);
  }

  function accept(event: RoomEvent, bytes: number): void {
    const { head } = window;
    const { position } = event;
    if (position.epoch === head.epoch && position.number <= head.number) return;
    if (position.epoch === head.epoch && position.number === head.number + 1) {
      window.apply(event, bytes);
      trim();
      deliver(event, bytes);
      return;
    }
    observe.gap();
    recover();
  }

  const read = (cursor: Position) => {
    observe.replay();
    return retry(
      () => timeline.replay(roomId, cursor, options.replay),
      () => closed,
    );
  };

  // One reading at a time; those who come later wait for it and then look whether they still need one.
  async function exclusively<T>(work: () => Promise<T>): Promise<T> {
    while (reading) await reading.catch(() => {});
    const mine = work();
    reading = mine;
    try {
      return await mine;
    } finally {
      reading = null;
    }
  }

  function handOn(from: Position, events: readonly RoomEvent[], until: Position): void {
    const before = window.head;
    window.extend(from, events, until);
    if (samePosition(before, window.head)) return;
    for (const event of window.since(before) ?? []) {
      observe.eventIn();
      // Held once for all who listen, however long some of them take.
      deliver(event, 0);
    }
  }

  async function readOn(): Promise<void> {
    const from = window.head;
    const replay = await read(from);
    if (closed) return;
    if (replay.status === 'gone') return void close(notFound('room'));
    if (replay.status === 'events') return handOn(from, replay.events, replay.head);
    // First, so that whoever is handed over while the others are told already starts on firm ground.
    window.restart(replay.head);
    alight(() => true);
    await Promise.all([...listeners].map((listener) => listener.reset(replay.reason, replay.head)));
  }

  // Brings the head up to the log. Live events wait meanwhile, and then fit on, are doubles, or show the next gap.
  async function catchUp(): Promise<void> {
    recovering = true;
    try {
      await readOn();
    } finally {
      goOn();
    }
  }

  // What arrived meanwhile is taken in; should it show that something is missing, the rest waits for that recovery: the head must not move under it.
  function goOn(): void {
    recovering = false;
    for (const { event, bytes } of pending.splice(0)) {
      if (recovering) pending.push({ event, bytes });
      else accept(event, bytes);
    }
  }

  function recover(): void {
    if (recovering || closed) return;
    recovering = true;
    exclusively(catchUp).then(trim, (error: unknown) => void close(error instanceof Error ? error : undefined));
  }

  // What was read for one who resumed is kept for a while beyond its bounds: those who come after, of a herd, mostly need the same. They do not prolong it, or
  // one who asks for a little more each time would keep it growing.
  function keep(): void {
    kept ??= clock.after(REFILL_KEPT_MS, () => {
      kept = null;
      window.trim();
    });
  }

  function trim(): void {
    if (kept === null) window.trim();
  }

  // Where to read from for all who wait and can be served by one reading: what serves the one farthest back serves the others.
  function farthestBack(cursor: Position): Position {
    const { head } = window;
    let from = cursor;
    for (const each of resuming)
      if (each.epoch === head.epoch && each.number < from.number && each.number >= head.number - options.replay) from = each;
    return cursor.epoch === head.epoch ? from : cursor;
  }

  async function refill(cursor: Position): Promise<ResetReason | null> {
    if (closed) throw notFound('room');
    // A reader that comes from another process can be ahead of this one.
    if (cursor.number > window.head.number) await catchUp();
    if (window.since(cursor)) return null;
    // Those who come in the same turn of the loop are to be among those who wait.
    await new Promise((resolve) => setImmediate(resolve));
    const asked = window.head;
    let from = farthestBack(cursor);
    let replay = await read(from);
    // Too far for that one; not necessarily for this one.
    if (replay.status === 'reset' && from !== cursor) {
      from = cursor;
      replay = await read(cursor);
    }
    if (replay.status === 'gone') throw notFound('room');
    if (replay.status === 'reset') return replay.reason;
    // Another epoch, or less than was handed on already: first find out whether this process itself stands on lost ground.
    if (replay.head.epoch !== asked.epoch || replay.head.number < asked.number || cursor.number > asked.number) await catchUp();
    else handOn(from, replay.events, replay.head);
    keep();
    return null;
  }

  async function open(): Promise<void> {
    recovering = true;
    const end = await retry(
      () => feed.watchRoom(roomId, onLive),
      () => closed,
    );
    if (closed) return end();
    unwatch = end;
    const [head] = await retry(
      () => timeline.heads([roomId]),
      () => closed,
    );
    if (!head) throw notFound('room');
    window.restart(head);
    goOn();
  }

  async function close(error?: Error): Promise<void> {
    if (closed) return;
    alight(() => true);
    closed = true;
    kept?.();
    for (const listener of [...listeners]) listener.end(error);
    listeners.clear();
    deps.onClosed();
    await unwatch?.();
  }

  const opened = open().catch(async (error: unknown) => {
    await close(error instanceof Error ? error : undefined);
    throw error;
  });
  opened.catch(() => {});

  return {
    opened,
    get head() {
      return window.head;
    },
    mark() {
      const now = clock.now();
      if (!marked || marked.until < now || !samePosition(marked.mark.position, window.head))
        marked = { mark: { type: 'caught-up', position: window.head }, until: now + MARK_MS };
      return marked.mark;
    },
    add: (listener) => void listeners.add(listener),
    ride,
    unride(rider) {
      if (unride(rider)) listeners.add(rider);
    },
    remove(listener) {
      listeners.delete(listener);
      if ('userId' in listener) unride(listener);
    },
    get listeners() {
      return listeners.size + riders.size;
    },
    since: (cursor) => window.since(cursor),
    async refill(cursor) {
      resuming.add(cursor);
      try {
        return await exclusively(() => refill(cursor));
      } finally {
        resuming.delete(cursor);
      }
    },
    check(stands, asked) {
      if (closed || recovering) return;
      if (!stands) return void close(notFound('room'));
      if (stands.epoch === asked.epoch && stands.number >= asked.number && stands.number <= window.head.number) return;
      observe.gap();
      recover();
    },
    close,
  };
}
