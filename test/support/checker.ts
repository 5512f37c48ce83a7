import type { Position } from '../../src/domain/position.ts';

/** One numbered change as the store made it. */
export interface TruthEvent {
  readonly epoch: string;
  readonly number: number;
  /** Number of the timeline entry concerned; equal to `number` for an entry itself. */
  readonly entry: number;
  /** Identity of that entry: a number can be handed out twice, an identity never. */
  readonly id: string;
  /** Set where the event ends this user's membership. */
  readonly removes?: string;
}

/** What one subscriber saw, over all its connections, in order. */
export type Seen =
  | {
      readonly type: 'connect';
      readonly after: Position | null;
      /** The number the room had reached when the connection's membership was established: a removal up to there ends nothing. */
      readonly reached: number;
    }
  | {
      readonly type: 'event';
      readonly position: Position;
      readonly entry: number;
      readonly id: string;
      /** Number of the latest change that the state shown contains. */
      readonly changed: number;
    }
  | { readonly type: 'caught-up'; readonly position: Position }
  | {
      readonly type: 'reset';
      readonly position: Position;
      readonly reason: string;
      /** As on connect: membership is established again before a reset is told. */
      readonly reached?: number;
    }
  | { readonly type: 'removed' };

/** How the checker judges. */
export interface Judgement {
  readonly userId?: string;
  /** Where the subscriber must have arrived at the end; null where it may have stopped anywhere. */
  readonly end: Position | null;
}

/**
 * Judges offline, from the store's own record and what a subscriber saw: nothing missing, nothing twice, nothing out of order, nothing forked,
 * nothing after a removal. A change may be skipped only where a later state of the same entry was shown that contains it, an entry never.
 *
 * @param truth what the store holds at the end, in order: the last epoch's line of events
 * @returns the faults found, in words; empty where there are none
 */
export function judge(truth: readonly TruthEvent[], seen: readonly Seen[], judgement: Judgement): string[] {
  const byNumber = new Map(truth.map((event) => [event.number, event]));
  const faults: string[] = [];
  // Faults that a fork explains: they are forgiven where the subscriber is told of it.
  let unexplained: string[] = [];
  let shown = new Map<string, number>();
  let owed: TruthEvent[] = [];
  let at: number | null = null;
  let reached = 0;
  let removed = false;

  // Everything owed must have been shown by now.
  function collect(): void {
    for (const { id, number } of owed) if ((shown.get(id) ?? 0) < number) unexplained.push(`missing: change ${number} of ${id}`);
    owed = [];
  }

  // Changes still to come are not owed to one who stops or starts over; what should have come before what was shown is.
  function excuse(): void {
    owed = [];
    faults.push(...unexplained);
    unexplained = [];
  }

  function forget(): void {
    unexplained = [];
    owed = [];
    shown = new Map();
  }

  function pass(to: number): void {
    for (let number = (at ?? to) + 1; number < to; number += 1) {
      const skipped = byNumber.get(number);
      if (skipped?.entry === number) unexplained.push(`missing: event ${number}`);
      else if (skipped) owed.push(skipped);
    }
  }

  function event(item: Extract<Seen, { type: 'event' }>): void {
    const { number } = item.position;
    const real = byNumber.get(number);
    if (!real) unexplained.push(`forked: event ${number} is not in the store`);
    else if (real.id !== item.id) unexplained.push(`forked: event ${number} is about ${real.id}, shown ${item.id}`);
    if (at !== null && number <= at) faults.push(`${number === at ? 'twice' : 'out of order'}: event ${number} at ${at}`);
    else pass(number);
    at = Math.max(at ?? 0, number);
    shown.set(item.id, Math.max(item.changed, shown.get(item.id) ?? 0));
    removed = real?.removes !== undefined && real.removes === judgement.userId && real.id === item.id && number > reached;
  }

  for (const item of seen) {
    if (item.type === 'connect') {
      removed = false;
      reached = item.reached;
      // Without a cursor the reader takes a snapshot: nothing before it is owed.
      if (!item.after) excuse();
      at = item.after?.number ?? null;
    } else if (item.type === 'removed') {
      removed = true;
      // One who has lost the room is owed no word on what else was lost.
      forget();
    } else if (removed) faults.push(`after removal: ${item.type} ${item.position.number}`);
    else if (item.type === 'event') event(item);
    else if (item.type === 'reset') {
      if (item.reason === 'FORKED') forget();
      else excuse();
      at = item.position.number;
      reached = item.reached ?? reached;
    } else {
      if (at !== null && item.position.number < at)
        faults.push(`out of order: caught up at ${item.position.number} behind ${at}`);
      pass(item.position.number + 1);
      collect();
      at = item.position.number;
    }
  }
  // One who is gone may yet come back and be told of a fork. For the others nothing may be owed at the end; a last change can be part of a
  // state already shown.
  if (judgement.end) {
    if (!removed) pass(judgement.end.number + 1);
    collect();
    excuse();
  }
  return faults;
}
