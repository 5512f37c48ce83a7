import { DomainError, notMember } from '../domain/errors.ts';
import { isRoomEvent, type ResetReason, type RoomDelivery, type RoomEvent, type RoomSignal } from '../domain/event.ts';
import type { Position } from '../domain/position.ts';
import type { Observe } from './observe.ts';
import type { RoomChannel, RoomListener } from './room-channel.ts';
import type { Standings } from './standings.ts';
import { createSubscriber, type Flow } from './subscriber.ts';

/** What one subscription to a room needs. */
export interface RoomEventsDeps {
  /** The channel of the room, held until `release` is called; opened or opening. */
  readonly acquire: (roomId: string) => { readonly channel: RoomChannel; readonly release: () => void };
  readonly standings: Standings;
  readonly observe: Observe;
  readonly onBytes: (change: number) => void;
  /** Called once when the subscription has ended, by whichever side. */
  readonly onGone: () => void;
}

const removed = () => new DomainError('FORBIDDEN', 'You are no longer a member of the room.');

const leaves = (event: RoomEvent | RoomSignal, userId: string): event is RoomEvent =>
  event.type === 'member-left' && event.message.authorId === userId;

/**
 * One member's subscription to one room (P5, P7).
 *
 * The order makes it exact: listen first, then ask who is a member, then hand over. A removal that the answer did not know of has a greater number
 * than the answer and is seen by the listener; one it did know of has a smaller number and, if the user is a member, was followed by a new join.
 * What was missed and what is live meet in one turn of the event loop, so there is no seam to get wrong.
 */
export function subscribeRoom(
  deps: RoomEventsDeps,
  input: { readonly roomId: string; readonly userId: string; readonly after: Position | null; readonly onSlow: () => void },
  bounds: { readonly queueEvents: number; readonly queueBytes: number },
): Flow<RoomDelivery> {
  const { standings, observe } = deps;
  const { roomId, userId } = input;
  let held: { channel: RoomChannel; release: () => void } | null = null;
  let gone = false;
  let live = false;
  // Whether membership is certain, where the room stood then, and the last removal seen.
  let authorized = false;
  let resets = 0;
  let authorizedAt: Position | null = null;
  let removedAt: Position | null = null;

  const subscriber = createSubscriber<RoomDelivery>({
    maxEvents: bounds.queueEvents,
    maxBytes: bounds.queueBytes,
    onBytes: deps.onBytes,
    onSlow() {
      observe.slow();
      input.onSlow();
    },
    onGone() {
      gone = true;
      held?.channel.remove(listener);
      held?.release();
      deps.onGone();
    },
    start,
  });

  function push(item: RoomDelivery, bytes: number): void {
    observe.eventOut();
    subscriber.push(item, bytes);
  }

  const listener: RoomListener = {
    live(event, bytes) {
      const leaving = leaves(event, userId) && unknownAtAuthorization(event.position);
      if (leaving) removedAt = event.position;
      if (!live) return;
      // What is not kept may be lost (P9): it does not cost a reader its place.
      if (!isRoomEvent(event) && subscriber.queued > bounds.queueEvents / 2) return;
      push(event, bytes);
      if (leaving) subscriber.finish(removed());
    },
    async reset(reason, head) {
      // The events skipped may have held this user's removal: ask before showing anything.
      authorized = false;
      resets += 1;
      removedAt = null;
      if (!live) return;
      const refused = await authorize();
      if (refused) subscriber.finish(removed());
      else reset(reason, head);
    },
    end: (error) => subscriber.finish(error),
  };

  // Asks whether the user is a member; the answer is the error for one who is not.
  async function authorize(): Promise<DomainError | null> {
    const asked = resets;
    const standing = await standings.of(roomId, userId);
    // An answer from before a reset speaks of numbers that have since been handed out again.
    if (asked !== resets) return authorize();
    if (!standing?.role) return notMember(standing?.kind ?? null);
    authorized = true;
    authorizedAt = standing.position;
    return null;
  }

  function reset(reason: ResetReason, position: Position): void {
    observe.reset(reason);
    push({ type: 'reset', position, reason }, 0);
  }

  // Numbers of different epochs say nothing of each other: the answer may have been true of a line of events that the store has lost since.
  function unknownAtAuthorization({ epoch, number }: Position): boolean {
    return epoch !== authorizedAt?.epoch || number > authorizedAt.number;
  }

  // Up to and including the user's removal, if it is among them.
  function permitted(events: readonly RoomEvent[]): readonly RoomEvent[] {
    const end = events.findIndex((event) => leaves(event, userId) && unknownAtAuthorization(event.position));
    return end === -1 ? events : events.slice(0, end + 1);
  }

  function handOver(channel: RoomChannel, missed: readonly RoomEvent[], reason: ResetReason | null): void {
    const shown = permitted(missed);
    for (const _ of shown) observe.eventOut();
    subscriber.backlog(shown);
    if (shown.length < missed.length || (removedAt && unknownAtAuthorization(removedAt))) return subscriber.finish(removed());
    live = true;
    if (reason) reset(reason, channel.head);
    else push(channel.mark(), 0);
  }

  async function start(): Promise<void> {
    held = deps.acquire(roomId);
    const { channel } = held;
    channel.add(listener);
    await channel.opened;
    let reason: ResetReason | null = null;
    while (!gone) {
      const refused = authorized ? null : await authorize();
      if (refused) throw refused;
      // From here to the hand-over nothing is awaited.
      const missed = reason || !input.after ? [] : channel.since(input.after);
      if (authorized && missed) return handOver(channel, missed, reason);
      if (input.after && !missed) reason = await channel.refill(input.after);
    }
  }

  return subscriber.iterator;
}
