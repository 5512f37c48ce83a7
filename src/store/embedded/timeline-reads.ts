import type { Message } from '../../domain/message.ts';
import type { Timeline } from '../../ports/timeline.ts';
import type { Embedded } from './database.ts';
import { fromRecord, type MessageRecord } from './message-record.ts';
import { firstReactors } from './reactions.ts';
import { behind, under } from './tables.ts';

type Row = { readonly key: [roomId: string, number: number]; readonly value: MessageRecord };

const toMessage = ({ key: [roomId, number], value }: Row): Message => fromRecord(roomId, number, value);

export function createTimelineReads(
  store: Embedded,
): Pick<Timeline, 'reactors' | 'hasReacted' | 'page' | 'get' | 'newest' | 'replies' | 'heads'> {
  const { tables } = store;

  const find = (roomId: string, number: number): Message | null => {
    const record = tables.entries.get([roomId, number]);
    return record ? fromRecord(roomId, number, record) : null;
  };

  return {
    hasReacted: ({ roomId, number, at }, emoji, userId) =>
      store.read(() => find(roomId, number)?.at === at && tables.reacted.get([roomId, number, emoji, userId]) !== undefined),

    reactors: ({ roomId, number, at }, emoji, limit) =>
      store.read(() => (find(roomId, number)?.at === at ? firstReactors(store, roomId, number, emoji, limit) : [])),

    page: (roomId, span) =>
      store.read(() => {
        const messages = entriesOf(store, roomId, span).map(toMessage);
        const oldest = firstNumber(store, roomId);
        const newest = lastNumber(store, roomId);
        const first = messages[0]?.number ?? (span.after ?? 0) + 1;
        const last = messages.at(-1)?.number ?? (span.before ?? Number.POSITIVE_INFINITY) - 1;
        return { messages, hasBefore: oldest < first, hasAfter: newest > last };
      }),

    get: (refs) => store.read(() => refs.map(({ roomId, number }) => find(roomId, number))),

    newest: (roomIds) => store.read(() => roomIds.map((roomId) => find(roomId, lastNumber(store, roomId)))),

    replies: ({ roomId, number }, { after, limit }) =>
      store.read(() => {
        if (!find(roomId, number)) return { messages: [], hasMore: false };
        const keys = [...tables.replies.getKeys({ ...behind([roomId, number], after ?? 0), limit: limit + 1 })];
        const messages = keys.slice(0, limit).flatMap((key) => find(roomId, key[2]) ?? []);
        return { messages, hasMore: keys.length > limit };
      }),

    heads: (roomIds) =>
      store.read(() =>
        roomIds.map((roomId) => {
          const room = tables.rooms.get(roomId);
          return room ? { epoch: room.epoch, number: room.head } : null;
        }),
      ),
  };
}

/** The entries of a page, oldest first. */
function entriesOf({ tables }: Embedded, roomId: string, span: Parameters<Timeline['page']>[1]): Row[] {
  const low = span.after ?? 0;
  const high = span.before ?? Number.POSITIVE_INFINITY;
  if (span.from === 'start') {
    return [...tables.entries.getRange({ ...behind([roomId], low), end: [roomId, high], limit: span.limit })];
  }
  const backwards = { start: [roomId, high], exclusiveStart: true, end: [roomId, low], reverse: true, limit: span.limit };
  return [...tables.entries.getRange(backwards)].reverse();
}

/** The number of the oldest entry; infinite where there is none. */
function firstNumber({ tables }: Embedded, roomId: string): number {
  for (const key of tables.entries.getKeys({ ...under(roomId), limit: 1 })) return key[1];
  return Number.POSITIVE_INFINITY;
}

/** The number of the newest entry; -1 where there is none. */
function lastNumber({ tables }: Embedded, roomId: string): number {
  const { start, end } = under(roomId);
  for (const key of tables.entries.getKeys({ start: end, end: start, reverse: true, limit: 1 })) return key[1];
  return -1;
}
