import { createHash } from 'node:crypto';
import { badInput, notFound } from '../domain/errors.ts';
import { isRoomId, type MessageRef, parseMessageId } from '../domain/ids.ts';
import type { Message } from '../domain/message.ts';
import { entryCursor } from '../domain/position.ts';
import { parseBody, parseEmoji, parseIdempotencyKey } from '../domain/text.ts';
import { type Deps, keepOf } from './deps.ts';
import type { Loaders } from './loaders.ts';
import { findMentions } from './mentions.ts';
import { type ForwardArgs, type Page, type PageArgs, pageOf, pageSize, parseTimelineCursor } from './page.ts';
import { requireDeleter, requireMember } from './policy.ts';
import { type MaybePrincipal, type Principal, requireSignedIn } from './principal.ts';
import { spend } from './rates.ts';
import { retryWhenStale } from './retry.ts';
import { placeOf } from './standing.ts';

/** What to send, as a client gave it. */
export interface SendInput {
  readonly roomId: string;
  readonly body: string;
  readonly replyToId?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
}

/**
 * Messages. The changing ones throw UNAUTHENTICATED, BAD_USER_INPUT naming the field, RATE_LIMITED, NOT_FOUND (message, or a room the viewer may
 * not know of) and FORBIDDEN (a public room not joined; another's message).
 */
export interface Messages {
  /** Sends a message: one event. With an idempotency key at most once (P4); CONFLICT where the key was used with another payload. */
  send(viewer: MaybePrincipal, input: SendInput): Promise<Message>;
  /** Replaces the body of the viewer's own message: one event, none for the same body. CONFLICT where it is deleted. */
  edit(viewer: MaybePrincipal, input: { readonly messageId: string; readonly body: string }): Promise<Message>;
  /** Deletes the viewer's own message, or any as owner or moderator: one event, none where it is deleted already. */
  delete(viewer: MaybePrincipal, messageId: string): Promise<Message>;
  /** Adds or takes back the viewer's reaction: one event, none where it is so already. CONFLICT (deleted), TOO_LARGE (too many different emoji). */
  react(
    viewer: MaybePrincipal,
    input: { readonly messageId: string; readonly emoji: string; readonly present: boolean },
  ): Promise<Message>;
  /**
   * A page of the timeline, oldest first; without arguments the newest. No permission is asked: the room comes from an entry point that did.
   * Throws BAD_USER_INPUT ("first", "last", "after", "before").
   */
  page(loaders: Loaders, roomId: string, args: PageArgs): Promise<Page<Message>>;
  /** A page of the answers to a message, oldest first. As {@link page}. */
  replies(loaders: Loaders, message: Message, args: ForwardArgs): Promise<Page<Message>>;
  /** Ids of the first users to react so, at most `first` (1 to the page limit, default 10). Throws BAD_USER_INPUT "first". */
  reactors(message: Message, emoji: string, first: number | null | undefined): Promise<readonly string[]>;
  /** Whether that user has reacted so. */
  hasReacted(message: Message, emoji: string, userId: string): Promise<boolean>;
}

/** @param deps store and settings */
export function createMessages(deps: Deps): Messages {
  const { store, config } = deps;

  async function write(viewer: MaybePrincipal): Promise<Principal> {
    const principal = requireSignedIn(viewer);
    await spend(store.rates, `write:${principal.userId}`, config.rates.write);
    return principal;
  }

  async function remove(viewer: Principal, ref: MessageRef): Promise<Message> {
    const [place, [message]] = await Promise.all([
      placeOf(store, ref.roomId, viewer.userId),
      store.timeline.get([{ roomId: ref.roomId, number: ref.number }]),
    ]);
    requireMember(place);
    if (message?.at !== ref.at) throw notFound('message');
    const role = requireDeleter(place, message.authorId === viewer.userId);
    const guard = role === null ? [] : [{ userId: viewer.userId, role }];
    return store.timeline.delete({ ...ref, actorId: viewer.userId, guard });
  }

  async function cursorsOf(loaders: Loaders, roomId: string): Promise<(message: Message) => string> {
    const room = await loaders.room.load(roomId);
    if (room === null) throw notFound('room');
    return (message) => entryCursor(room.position, message);
  }

  return {
    async send(viewer, input) {
      const { userId } = requireSignedIn(viewer);
      const body = parseBody('input.body', input.body);
      const key = input.idempotencyKey ?? null;
      const idempotency = key === null ? null : idempotencyOf(userId, parseIdempotencyKey('input.idempotencyKey', key), input);
      const replyTo = typeof input.replyToId === 'string' ? refIn(input.roomId, input.replyToId) : null;
      if (!isRoomId(input.roomId)) throw notFound('room');
      const mentions = findMentions(store.accounts, body);
      const { message } = await store.timeline.append({
        roomId: input.roomId,
        authorId: userId,
        body,
        mentions: 'then' in mentions ? await mentions : mentions,
        replyTo,
        idempotency,
        spending: { key: `send:${userId}`, rate: config.rates.send },
        keep: keepOf(config, input.roomId),
      });
      return message;
    },

    async edit(viewer, input) {
      requireSignedIn(viewer);
      const ref = refOf(input.messageId);
      const body = parseBody('input.body', input.body);
      const [{ userId }, mentions] = await Promise.all([write(viewer), findMentions(store.accounts, body)]);
      return store.timeline.edit({ ...ref, actorId: userId, body, mentions });
    },

    async delete(viewer, messageId) {
      const principal = await write(viewer);
      const ref = refOf(messageId);
      return retryWhenStale(() => remove(principal, ref));
    },

    async react(viewer, { messageId, emoji, present }) {
      const { userId } = await write(viewer);
      const ref = refOf(messageId);
      const maxEmojis = config.limits.emojisPerMessage;
      return store.timeline.react({ ...ref, actorId: userId, emoji: parseEmoji('input.emoji', emoji), present, maxEmojis });
    },

    async page(loaders, roomId, args) {
      const { from, limit } = spanOf(args, config.limits.page);
      const after = parseTimelineCursor('after', args.after);
      const before = parseTimelineCursor('before', args.before);
      const [cursorOf, page] = await Promise.all([
        cursorsOf(loaders, roomId),
        store.timeline.page(roomId, { after, before, from, limit }),
      ]);
      const edges = page.messages.map((node) => ({ node, cursor: cursorOf(node) }));
      return pageOf(edges, { hasNextPage: page.hasAfter, hasPreviousPage: page.hasBefore });
    },

    async replies(loaders, { roomId, number }, args) {
      const limit = pageSize('first', args.first, config.limits.page);
      const after = parseTimelineCursor('after', args.after);
      const [cursorOf, { messages, hasMore }] = await Promise.all([
        cursorsOf(loaders, roomId),
        store.timeline.replies({ roomId, number }, { after, limit }),
      ]);
      const edges = messages.map((node) => ({ node, cursor: cursorOf(node) }));
      return pageOf(edges, { hasNextPage: hasMore, hasPreviousPage: after !== null });
    },

    async reactors(message, emoji, first) {
      const limit = pageSize('first', first, config.limits.page, 10);
      const reaction = message.reactions.find((each) => each.emoji === emoji);
      if (!reaction) return [];
      const { firstUserIds, count } = reaction;
      if (limit <= firstUserIds.length || count <= firstUserIds.length) return firstUserIds.slice(0, limit);
      return store.timeline.reactors(message, emoji, limit);
    },

    async hasReacted(message, emoji, userId) {
      const reaction = message.reactions.find((each) => each.emoji === emoji);
      if (!reaction) return false;
      if (reaction.firstUserIds.includes(userId)) return true;
      if (reaction.count <= reaction.firstUserIds.length) return false;
      return store.timeline.hasReacted(message, emoji, userId);
    },
  };
}

/** The message an id names. Ids are opaque to clients, so a malformed one is one that names nothing: NOT_FOUND. */
export function refOf(messageId: string): MessageRef {
  const ref = parseMessageId(messageId);
  if (ref === null) throw notFound('message');
  return ref;
}

/** As {@link refOf}, for a message that must be in that room. */
export function refIn(roomId: string, messageId: string): MessageRef {
  const ref = refOf(messageId);
  if (ref.roomId !== roomId) throw notFound('message');
  return ref;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** What the store keeps of an idempotency key: who and which key, and what was sent with it. */
function idempotencyOf(userId: string, key: string, { body, replyToId }: SendInput) {
  return { key, field: digest(`${userId}\0${key}`).slice(0, 11), digest: digest(`${replyToId ?? ''}\0${body}`).slice(0, 6) };
}

/** Which end of the span a page lies at, and its size. Walking back is for a chat the natural thing, so it is what no argument means. */
function spanOf(
  { first, last, after, before }: PageArgs,
  max: number,
): { readonly from: 'start' | 'end'; readonly limit: number } {
  const hasFirst = first !== null && first !== undefined;
  const hasLast = last !== null && last !== undefined;
  if (hasFirst && hasLast) throw badInput('last', 'Give first or last, not both.');
  if (hasLast) return { from: 'end', limit: pageSize('last', last, max) };
  if (hasFirst) return { from: 'start', limit: pageSize('first', first, max) };
  const forward = typeof after === 'string' && typeof before !== 'string';
  return { from: forward ? 'start' : 'end', limit: pageSize('first', null, max) };
}
