import { eventOf, type ResetReason } from '../../domain/event.ts';
import { isForked, type Position } from '../../domain/position.ts';
import type { Replay, Timeline } from '../../ports/timeline.ts';
import type { Embedded } from './database.ts';
import { fromRecord } from './message-record.ts';
import { behind, type RoomRecord } from './tables.ts';

export const createReplay =
  (store: Embedded): Timeline['replay'] =>
  (roomId, after, limit) =>
    store.read(() => {
      const room = store.tables.rooms.get(roomId);
      if (!room) return { status: 'gone' };
      const head = { epoch: room.epoch, number: room.head };
      const events = eventsAfter(store, roomId, room, after, limit);
      return Array.isArray(events) ? { status: 'events', events, head } : { status: 'reset', reason: events, head };
    });

type Events = Extract<Replay, { status: 'events' }>['events'][number][];

/** P5. What was sent after the position and what was changed after it but sent before, each once; else why not. */
function eventsAfter(store: Embedded, roomId: string, room: RoomRecord, after: Position, limit: number): Events | ResetReason {
  const { tables } = store;
  if (isForked(after, { epoch: room.epoch, number: room.head }, tables.epochs.get(roomId) ?? [])) return 'FORKED';
  if (after.number < room.floor) return 'EXPIRED';
  const sent = [...tables.entries.getRange({ ...behind([roomId], after.number), limit: limit + 1 })];
  if (sent.length > limit) return 'TOO_FAR';
  const events = sent.map(({ key, value }) => eventOf({ epoch: room.epoch, number: key[1] }, fromRecord(roomId, key[1], value)));
  // Of what was sent since each has one change at most, so this reads `limit` rows more than it keeps at most.
  for (const { key, value: number } of tables.changes.getRange(behind([roomId], after.number))) {
    const entry = number <= after.number ? tables.entries.get([roomId, number]) : undefined;
    if (!entry) continue;
    if (events.length === limit) return 'TOO_FAR';
    events.push(eventOf({ epoch: room.epoch, number: key[1] }, fromRecord(roomId, number, entry)));
  }
  return events.sort((a, b) => a.position.number - b.position.number);
}
