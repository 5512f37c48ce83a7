import { eventOf, type RoomEvent } from '../../domain/event.ts';
import type { Message } from '../../domain/message.ts';
import { isForked } from '../../domain/position.ts';
import type { Timeline } from '../../ports/timeline.ts';
import type { Client } from './clients.ts';
import { decodeEntry } from './codec.ts';
import { reactionKey, roomKeys } from './keys.ts';
import type { Parts } from './parts.ts';
import { asNumber, asText, rows } from './reply.ts';

type Reads = Omit<Timeline, 'append' | 'edit' | 'delete' | 'react'>;

export function createTimelineReads(parts: Parts): Reads {
  const { scripts, reader, unreadable } = parts;

  /** The message; null, told to the log, where the entry cannot be read: one bad entry must not take its neighbours with it. */
  function decode(roomId: string, entry: unknown): Message | null {
    const message = decodeEntry(roomId, asText(entry));
    if (!message) unreadable(roomKeys(roomId).timeline);
    return message;
  }

  const decodeAll = (roomId: string, entries: readonly unknown[]): Message[] =>
    entries.flatMap((entry) => decode(roomId, entry) ?? []);

  const first = (roomId: string, [entry]: readonly string[]): Message | null =>
    entry === undefined ? null : decode(roomId, entry);

  const entryAt = async (client: Client, roomId: string, number: number): Promise<Message | null> =>
    first(roomId, await client.zrange(roomKeys(roomId).timeline, number, String(number), 'BYSCORE'));

  return {
    ...createPages(parts, decodeAll),

    get: (refs) => reader.run((client) => Promise.all(refs.map(({ roomId, number }) => entryAt(client, roomId, number)))),

    newest: (roomIds) =>
      reader.run((client) =>
        Promise.all(roomIds.map(async (id) => first(id, await client.zrange(roomKeys(id).timeline, -1, '-1')))),
      ),

    reactors: ({ roomId, number, at }, emoji, limit) =>
      reader.run(async (client) => {
        const [message, users] = await Promise.all([
          entryAt(client, roomId, number),
          client.zrange(reactionKey(roomId, number, emoji), 0, String(limit - 1)),
        ]);
        return message?.at === at ? users : [];
      }),

    hasReacted: ({ roomId, number, at }, emoji, userId) =>
      reader.run(async (client) => {
        const [message, score] = await Promise.all([
          entryAt(client, roomId, number),
          client.zscore(reactionKey(roomId, number, emoji), userId),
        ]);
        return message?.at === at && score !== null;
      }),

    async replies({ roomId, number }, { after, limit }) {
      const entries = await scripts.replies(roomId, number, after ?? 0, limit + 1);
      return { messages: decodeAll(roomId, entries.slice(0, limit)), hasMore: entries.length > limit };
    },

    async replay(roomId, after, limit) {
      const [epoch, number, floor, more, ended, entries] = await scripts.replay(roomId, after.number, limit);
      if (epoch === undefined) return { status: 'gone' };
      const head = { epoch: asText(epoch), number: asNumber(number) };
      const ends = rows(ended, 2).map(([name, last]) => ({ epoch: asText(name), last: asNumber(last) }));
      if (isForked(after, head, ends)) return { status: 'reset', reason: 'FORKED', head };
      if (after.number < asNumber(floor)) return { status: 'reset', reason: 'EXPIRED', head };
      if (more === 1) return { status: 'reset', reason: 'TOO_FAR', head };
      const events = rows(entries, 2).flatMap(([at, entry]): RoomEvent[] => {
        const message = decode(roomId, entry);
        return message ? [eventOf({ epoch: head.epoch, number: asNumber(at) }, message)] : [];
      });
      return { status: 'events', events: events.sort((a, b) => a.position.number - b.position.number), head };
    },

    heads: (roomIds) =>
      reader.run((client) =>
        Promise.all(
          roomIds.map(async (roomId) => {
            const [epoch, number] = await client.hmget(roomKeys(roomId).room, 'epoch', 'number');
            return typeof epoch === 'string' ? { epoch, number: asNumber(number) } : null;
          }),
        ),
      ),
  };
}

function createPages(
  { reader }: Parts,
  decodeAll: (roomId: string, entries: readonly string[]) => Message[],
): Pick<Reads, 'page'> {
  return {
    page: (roomId, { after, before, from, limit }) =>
      reader.run(async (client) => {
        const key = roomKeys(roomId).timeline;
        const [low, high] = [after === null ? '-inf' : `(${after}`, before === null ? '+inf' : `(${before}`];
        // One entry more than asked tells whether the span goes on; counts tell of what lies on either side of it.
        const [found, olderThanSpan, newerThanSpan] = await Promise.all([
          from === 'start'
            ? client.zrange(key, low, high, 'BYSCORE', 'LIMIT', 0, limit + 1)
            : client.zrange(key, high, low, 'BYSCORE', 'REV', 'LIMIT', 0, limit + 1),
          after === null ? 0 : client.zcount(key, '-inf', after),
          before === null ? 0 : client.zcount(key, before, '+inf'),
        ]);
        const more = found.length > limit;
        const entries = found.slice(0, limit);
        if (from === 'end') entries.reverse();
        return {
          messages: decodeAll(roomId, entries),
          hasBefore: olderThanSpan > 0 || (more && from === 'end'),
          hasAfter: newerThanSpan > 0 || (more && from === 'start'),
        };
      }),
  };
}
