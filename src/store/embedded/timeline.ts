import { DomainError, rateLimited } from '../../domain/errors.ts';
import type { Message } from '../../domain/message.ts';
import type { RateLimits } from '../../ports/rate-limits.ts';
import type { Timeline } from '../../ports/timeline.ts';
import type { Embedded } from './database.ts';
import { receiptAt } from './membership.ts';
import { fromRecord, toRecord } from './message-record.ts';
import { addReaction, removeReaction } from './reactions.ts';
import { createReplay } from './replay.ts';
import { beginRoomStep, dropReactions, requireGuards, requireMember, requireMessage } from './room-step.ts';
import { earlierSend, rememberSend } from './sends.ts';
import { createTimelineReads } from './timeline-reads.ts';

export function createTimeline(store: Embedded, rates: RateLimits): Timeline {
  return { ...createSends(store, rates), ...createChanges(store), ...createTimelineReads(store), replay: createReplay(store) };
}

function createSends(store: Embedded, rates: RateLimits): Pick<Timeline, 'append'> {
  const { tables } = store;
  return {
    async append(send) {
      if (send.spending) {
        const { allowed, retryAfterMs } = await rates.take(send.spending.key, send.spending.rate);
        if (!allowed) throw rateLimited(retryAfterMs);
      }
      return store.write((step) => {
        const { roomId, authorId, body, mentions, keep } = send;
        const earlier = earlierSend(store, step.now, send);
        if (earlier) return { message: earlier, duplicate: true };
        const { room: record, member } = requireMember(store, roomId, authorId);
        const answered = send.replyTo && requireMessage(store, roomId, send.replyTo);
        const room = beginRoomStep(store, step, roomId, record);
        const message = room.append({
          kind: 'TEXT',
          authorId,
          body,
          mentions,
          replyTo: answered?.number ?? null,
          idempotencyKey: send.idempotency?.key ?? null,
        });
        if (answered) {
          tables.replies.putSync([roomId, answered.number, message.number], 0);
          countReply(store, answered, 1);
        }
        tables.members.putSync([roomId, authorId], { ...member, receipt: receiptAt(message, message.at) });
        rememberSend(store, step.now, send, message);
        room.trim(keep);
        room.save();
        return { message, duplicate: false };
      });
    },
  };
}

/** The count is a reader's to derive from the events of the answers: storing it is no change of the message answered. */
function countReply({ tables }: Embedded, answered: Message, by: 1 | -1): void {
  const counted = { ...answered, replyCount: answered.replyCount + by };
  tables.entries.putSync([answered.roomId, answered.number], toRecord(counted));
}

function createChanges(store: Embedded): Pick<Timeline, 'edit' | 'delete' | 'react'> {
  const { tables } = store;
  return {
    edit: ({ roomId, number, at, actorId, body, mentions }) =>
      store.write((step) => {
        const { room: record } = requireMember(store, roomId, actorId);
        const message = requireMessage(store, roomId, { number, at });
        requireText(message);
        if (message.authorId !== actorId) throw new DomainError('FORBIDDEN', 'Only its author may edit a message.');
        requireUndeleted(message);
        if (message.body === body) return message;
        const room = beginRoomStep(store, step, roomId, record);
        const edited = room.change({ ...message, body, mentions, editedAt: Math.max(step.now, message.at) });
        room.save();
        return edited;
      }),

    delete: ({ roomId, number, at, actorId, guard }) =>
      store.write((step) => {
        const { room: record } = requireMember(store, roomId, actorId);
        requireGuards(store, roomId, guard);
        const message = requireMessage(store, roomId, { number, at });
        requireText(message);
        if (message.deletedAt !== null) return message;
        const room = beginRoomStep(store, step, roomId, record);
        dropReactions(store, roomId, number);
        const deletedAt = Math.max(step.now, message.at);
        const deleted = room.change({ ...message, body: '', mentions: [], reactions: [], deletedAt });
        const answered = message.replyTo === null ? undefined : tables.entries.get([roomId, message.replyTo]);
        if (answered && message.replyTo !== null) countReply(store, fromRecord(roomId, message.replyTo, answered), -1);
        room.save();
        return deleted;
      }),

    react: ({ roomId, number, at, actorId, emoji, present, maxEmojis }) =>
      store.write((step) => {
        const { room: record } = requireMember(store, roomId, actorId);
        const message = requireMessage(store, roomId, { number, at });
        requireText(message);
        requireUndeleted(message);
        const reactions = present
          ? addReaction(store, message, { userId: actorId, emoji, order: record.head + 1, maxEmojis })
          : removeReaction(store, message, { userId: actorId, emoji });
        if (!reactions) return message;
        const room = beginRoomStep(store, step, roomId, record);
        const changed = room.change({ ...message, reactions });
        room.save();
        return changed;
      }),
  };
}

function requireText(message: Message): void {
  if (message.kind !== 'TEXT') throw new DomainError('FORBIDDEN', 'System messages cannot be changed.');
}

function requireUndeleted(message: Message): void {
  if (message.deletedAt !== null) throw new DomainError('CONFLICT', 'The message has been deleted.');
}
