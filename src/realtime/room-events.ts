import { DomainError, notMember } from '../domain/errors.ts';
import { isRoomEvent, type ResetReason, type RoomDelivery, type RoomEvent, type RoomSignal } from '../domain/event.ts';
import type { Position } from '../domain/position.ts';
import type { Observe } from './observe.ts';
import type { Held } from './registry.ts';
import type { Rider, RoomChannel } from './room-channel.ts';
import type { Standings } from './standings.ts';
import { type Flow, type Group, Subscriber, type SubscriberOptions } from './subscriber.ts';

/** What subscriptions to rooms need. */
export interface RoomEventsDeps {
  /** The channel of the room, held until `release` is called; opened or opening. */
  readonly acquire: (roomId: string) => Held<RoomChannel>;
  readonly standings: Standings;
  readonly observe: Observe;
  /** Called with every change of the bytes that wait for any of them. */
  readonly onBytes: (change: number) => void;
  /** Called once when a subscription has ended, by whichever side. */
  readonly onGone: (subscription: Flow<RoomDelivery>) => void;
  /** The most that may wait for one. */
  readonly bounds: { readonly queueEvents: number; readonly queueBytes: number };
}

/** The connection that a subscription goes to, as far as it has something to tell it. */
export interface ReadersEnd {
  /** The queue of the subscription is full: called once. */
  closeSlow(): void;
  /** Called with every change of the bytes that wait for this reader. */
  onQueued?(change: number): void;
}

/** Who subscribes to what. */
export interface RoomEventsInput {
  readonly roomId: string;
  readonly userId: string;
  readonly after: Position | null;
  /** Where the room stood when `standing` said that the user is a member: it is not asked again unless something speaks against it. */
  readonly memberAt?: Position;
  readonly readersEnd: ReadersEnd;
}

/**
 * One member's subscription to one room (P5, P7).
 *
 * The order makes it exact: listen first, then ask who is a member, then hand over. A removal that the answer did not know of has a greater number
 * than the answer and is seen by the listener; one it did know of has a smaller number and, if the user is a member, was followed by a new join.
 * What was missed and what is live meet in one turn of the event loop, so there is no seam to get wrong. An answer got before listening serves as well
 * where the channel can say that no removal lies between the two.
 */
export const subscribeRoom = (deps: RoomEventsDeps, input: RoomEventsInput): Flow<RoomDelivery> =>
  new RoomReader(deps, input).subscriber;

const removed = () => new DomainError('FORBIDDEN', 'You are no longer a member of the room.');

// A class, as there is one for every subscription.
class RoomReader implements Rider, SubscriberOptions {
  readonly subscriber: Subscriber<RoomDelivery>;
  readonly #deps: RoomEventsDeps;
  readonly #input: RoomEventsInput;
  #held: Held<RoomChannel> | null = null;
  #group: Group<RoomDelivery> | null = null;
  #gone = false;
  #live = false;
  // Whether membership is certain, where the room stood then, and the last removal seen.
  #authorized = false;
  #resets = 0;
  #authorizedAt: Position | null = null;
  #removedAt: Position | null = null;

  constructor(deps: RoomEventsDeps, input: RoomEventsInput) {
    this.#deps = deps;
    this.#input = input;
    this.subscriber = new Subscriber(this);
  }

  get userId(): string {
    return this.#input.userId;
  }

  get maxEvents(): number {
    return this.#deps.bounds.queueEvents;
  }

  get maxBytes(): number {
    return this.#deps.bounds.queueBytes;
  }

  onBytes(change: number): void {
    this.#deps.onBytes(change);
    this.#input.readersEnd.onQueued?.(change);
  }

  onSlow(): void {
    this.#deps.observe.slow();
    this.#input.readersEnd.closeSlow();
  }

  onGone(): void {
    this.#gone = true;
    this.#held?.value.remove(this);
    this.#held?.release();
    this.#deps.onGone(this.subscriber);
  }

  onHeld(): void {
    if (this.#group) this.#held?.value.unride(this);
  }

  onIdle(): void {
    this.#ride();
  }

  async start(): Promise<void> {
    const { roomId, after } = this.#input;
    this.#held = this.#deps.acquire(roomId);
    const { value: channel } = this.#held;
    channel.add(this);
    await channel.opened;
    this.#takeAtWord(channel);
    let reason: ResetReason | null = null;
    while (!this.#gone) {
      const refused = this.#authorized ? null : await this.#authorize();
      if (refused) throw refused;
      // From here to the hand-over nothing is awaited.
      const missed = reason || !after ? [] : channel.since(after);
      if (this.#authorized && missed) return this.#handOver(channel, missed, reason);
      if (after && !missed) reason = await channel.refill(after);
    }
  }

  live(event: RoomEvent | RoomSignal, bytes: number): void {
    const leaving = this.#leaves(event) && this.#isNews(event.position);
    if (leaving) this.#removedAt = event.position;
    if (!this.#live) return;
    // What is not kept may be lost (P9): it does not cost a reader its place.
    if (!isRoomEvent(event) && this.subscriber.queued > this.maxEvents / 2) return;
    this.#push(event, bytes);
    if (leaving) this.subscriber.finish(removed());
    else if (this.subscriber.idle) this.#ride();
  }

  async reset(reason: ResetReason, head: Position): Promise<void> {
    // The events skipped may have held this user's removal: ask before showing anything.
    this.#authorized = false;
    this.#resets += 1;
    this.#removedAt = null;
    if (!this.#live) return;
    const refused = await this.#authorize();
    if (refused) return this.subscriber.finish(removed());
    this.#reset(reason, head);
    this.#ride();
  }

  end(error?: Error): void {
    this.subscriber.finish(error);
  }

  board(): Group<RoomDelivery> | null {
    const { sink, idle } = this.subscriber;
    if (!idle || !sink?.group || !this.#live || !this.#authorized) return null;
    this.#group = sink.group;
    this.#group.join(sink);
    return this.#group;
  }

  alight(): void {
    const { sink } = this.subscriber;
    if (sink) this.#group?.leave(sink);
    this.#group = null;
  }

  #ride(): void {
    if (!this.#gone && this.subscriber.sink?.group) this.#held?.value.ride(this);
  }

  #push(item: RoomDelivery, bytes: number): void {
    this.#deps.observe.eventOut(1);
    this.subscriber.push(item, bytes);
  }

  #reset(reason: ResetReason, position: Position): void {
    this.#deps.observe.reset(reason);
    this.#push({ type: 'reset', position, reason }, 0);
  }

  // Takes the word of whoever asked before, unless there may have been a removal since.
  #takeAtWord(channel: RoomChannel): void {
    const { memberAt } = this.#input;
    if (!memberAt || memberAt.epoch !== channel.head.epoch) return;
    const since = channel.head.number <= memberAt.number ? [] : channel.since(memberAt);
    if (since === null || since.some((event) => this.#leaves(event))) return;
    this.#authorized = true;
    this.#authorizedAt = memberAt;
  }

  // Asks whether the user is a member; the answer is the error for one who is not.
  async #authorize(): Promise<DomainError | null> {
    const asked = this.#resets;
    const standing = await this.#deps.standings.of(this.#input.roomId, this.#input.userId);
    // An answer from before a reset speaks of numbers that have since been handed out again.
    if (asked !== this.#resets) return this.#authorize();
    if (!standing?.role) return notMember(standing?.kind ?? null);
    this.#authorized = true;
    this.#authorizedAt = standing.position;
    return null;
  }

  #leaves(event: RoomEvent | RoomSignal): event is RoomEvent {
    return event.type === 'member-left' && event.message.authorId === this.#input.userId;
  }

  // Whether the answer about membership did not know of it yet. Numbers of different epochs say nothing of each other: the answer may have been true of a
  // line of events that the store has lost since.
  #isNews({ epoch, number }: Position): boolean {
    return epoch !== this.#authorizedAt?.epoch || number > this.#authorizedAt.number;
  }

  // Up to and including the user's removal, if it is among them.
  #permitted(events: readonly RoomEvent[]): readonly RoomEvent[] {
    const end = events.findIndex((event) => this.#leaves(event) && this.#isNews(event.position));
    return end === -1 ? events : events.slice(0, end + 1);
  }

  #handOver(channel: RoomChannel, missed: readonly RoomEvent[], reason: ResetReason | null): void {
    const shown = this.#permitted(missed);
    this.#deps.observe.eventOut(shown.length);
    this.subscriber.backlog(shown);
    if (shown.length < missed.length || (this.#removedAt && this.#isNews(this.#removedAt)))
      return this.subscriber.finish(removed());
    this.#live = true;
    if (reason) this.#reset(reason, channel.head);
    else this.#push(channel.mark(), 0);
    this.#ride();
  }
}
