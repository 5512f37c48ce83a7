import type { ResetReason, RoomEvent } from '../domain/event.ts';
import type { MessageRef } from '../domain/ids.ts';
import type { Message } from '../domain/message.ts';
import type { Position } from '../domain/position.ts';
import type { Guard } from './guard.ts';
import type { Spending } from './rate-limits.ts';

/** What a replay found. */
export type Replay =
  /** Every event after the cursor that still matters, in order, and the head it is complete up to. */
  | { readonly status: 'events'; readonly events: readonly RoomEvent[]; readonly head: Position }
  /** No complete replay is possible; go on from `head`. */
  | { readonly status: 'reset'; readonly reason: ResetReason; readonly head: Position }
  /** There is no such room. */
  | { readonly status: 'gone' };

/** The outcome of a send. */
export interface Appended {
  readonly message: Message;
  /** True where the idempotency key had been used before: `message` is the first one, in its present state. */
  readonly duplicate: boolean;
}

/**
 * The messages of each room and the events made of them. Every change is one atomic step: check, write, number, publish;
 * the event reaches the live feed of every process, once, after everything is stored.
 * All calls by a user throw FORBIDDEN (public room) or NOT_FOUND (any other) where that user is no member (`notMember`).
 * Checks come in this order: membership, guard, message (there is such an entry with that `at`, then its kind, then whether it is deleted).
 * Every `limit` is at least 1. A message's `replyCount` changes without an event of its own: the events of the answers tell it.
 */
export interface Timeline {
  /**
   * Appends a TEXT message and moves its author's receipt to it: one event (no `receipt-moved` besides). With `idempotency`, the same `field`
   * within 24 h gives the first message again (in its present state; as it was sent, made from the input, where history has since been trimmed
   * past it), or CONFLICT where `digest` differs; checked inside the step, before membership is, so a retry of a completed send is answered
   * even after a kick. Any kept entry can be answered, tombstones too. Throws NOT_FOUND (message) where `replyTo` names none.
   * With `spending`, that is taken from its allowance before all else, as `RateLimits.take` does: RATE_LIMITED where it cannot be. One round trip,
   * but on a cluster two.
   */
  append(input: {
    readonly roomId: string;
    readonly authorId: string;
    readonly body: string;
    readonly mentions: readonly string[];
    readonly replyTo: Pick<MessageRef, 'number' | 'at'> | null;
    readonly idempotency: {
      /** As the client gave it; shown on the message. */
      readonly key: string;
      /** 11 characters of [A-Za-z0-9_-] that stand for author and key. */
      readonly field: string;
      /** 6 characters of [A-Za-z0-9_-] that stand for the payload. */
      readonly digest: string;
    } | null;
    readonly spending?: Spending;
    /** How many entries the room keeps; 0 = all. Where a setting was lowered, the excess may go in portions of 1,000 a call. */
    readonly keep: number;
  }): Promise<Appended>;
  /**
   * Replaces body and mentions of the actor's TEXT message: one event. The same body again: nothing happens.
   * Throws NOT_FOUND (no such message), FORBIDDEN (another's or a system message), CONFLICT (deleted).
   */
  edit(
    input: MessageRef & { readonly actorId: string; readonly body: string; readonly mentions: readonly string[] },
  ): Promise<Message>;
  /**
   * Deletes a TEXT message: body, mentions, reactions go, a tombstone stays; a message it answered counts one reply less: one event. Deleted
   * already: nothing happens. Whether the actor may is judged before (`guard`). Throws NOT_FOUND, FORBIDDEN (system message), StaleGuardError.
   */
  delete(input: MessageRef & { readonly actorId: string; readonly guard: readonly Guard[] }): Promise<Message>;
  /**
   * Adds or takes back the actor's reaction: one event; nothing happens where it is so already. Emoji stand in the order of their first reaction,
   * reactors likewise; an emoji that nobody uses any more is gone, and comes back as the last. Throws NOT_FOUND, FORBIDDEN (system message),
   * CONFLICT (deleted message), TOO_LARGE where the message would carry more than `maxEmojis` different emoji.
   */
  react(
    input: MessageRef & {
      readonly actorId: string;
      readonly emoji: string;
      readonly present: boolean;
      readonly maxEmojis: number;
    },
  ): Promise<Message>;
  /** Who reacted, the first first, at most `limit`; nobody where there is no such message. */
  reactors(message: MessageRef, emoji: string, limit: number): Promise<readonly string[]>;
  /** Whether that user has reacted so; false where there is no such message. Costs the same however many have. */
  hasReacted(message: MessageRef, emoji: string, userId: string): Promise<boolean>;
  /**
   * Entries by number, oldest first. `after`/`before` are exclusive numbers; `from` says at which end of that span the page lies.
   * `hasBefore`/`hasAfter`: whether the room has entries before the first / after the last returned (of an empty page: before / after the span:
   * numbers up to `after` / from `before` on). Of a room that does not exist: an empty page.
   */
  page(
    roomId: string,
    span: {
      readonly after: number | null;
      readonly before: number | null;
      readonly from: 'start' | 'end';
      readonly limit: number;
    },
  ): Promise<{ readonly messages: readonly Message[]; readonly hasBefore: boolean; readonly hasAfter: boolean }>;
  /** The entries with these numbers, in the order asked; null where there is none. One round trip (per node). */
  get(refs: readonly Pick<MessageRef, 'roomId' | 'number'>[]): Promise<readonly (Message | null)[]>;
  /** The newest entry of each room, in the order asked; null where a room has none. One round trip (per node). */
  newest(roomIds: readonly string[]): Promise<readonly (Message | null)[]>;
  /** The undeleted and deleted answers to one message, oldest first, from behind number `after`. None where that message is not kept. */
  replies(
    message: Pick<MessageRef, 'roomId' | 'number'>,
    page: { readonly after: number | null; readonly limit: number },
  ): Promise<{ readonly messages: readonly Message[]; readonly hasMore: boolean }>;
  /**
   * What happened after a position (P5), in one atomic read: entries sent after it, and entries changed after it but sent before, by the number
   * of the event, each message once and in its present state. Else a reset, judged in this order: a position the store has lost or never had:
   * FORKED (`isForked`); one the room no longer keeps everything after: EXPIRED; more than `limit` events: TOO_FAR.
   */
  replay(roomId: string, after: Position, limit: number): Promise<Replay>;
  /** Where these rooms stand, in the order asked; null where there is no such room. One round trip (per node). */
  heads(roomIds: readonly string[]): Promise<readonly (Position | null)[]>;
}
