import type { Rooms } from '../../ports/rooms.ts';
import type { Embedded } from './database.ts';
import { admit } from './membership.ts';
import { beginRoomStep, requireGuards, requireRoom, toRoom } from './room-step.ts';

export function createRooms(store: Embedded): Rooms {
  const { tables } = store;
  return {
    create: ({ id, kind, name, topic, members }) =>
      store.write((step) => {
        const existing = tables.rooms.get(id);
        if (existing) return { room: toRoom(id, existing), created: false };
        const room = beginRoomStep(store, step, id, {
          kind,
          name,
          topic,
          createdAt: step.now,
          memberCount: 0,
          epoch: store.epoch,
          head: 0,
          ordinal: 0,
          activeAt: step.now,
          floor: 0,
          floorOrdinal: 0,
          kept: 0,
          tombstones: 0,
          joins: 0,
        });
        for (const member of members) admit(store, room, member);
        room.save();
        return { room: toRoom(id, room.record), created: true };
      }),

    get: (ids) =>
      store.read(() =>
        ids.map((id) => {
          const record = tables.rooms.get(id);
          return record ? toRoom(id, record) : null;
        }),
      ),

    update: ({ roomId, actorId, guard, name, topic, body, keep }) =>
      store.write((step) => {
        const room = beginRoomStep(store, step, roomId, requireRoom(store, roomId));
        requireGuards(store, roomId, guard);
        room.set({ ...(name !== undefined && { name }), ...(topic !== undefined && { topic }) });
        room.append({ kind: 'ROOM_UPDATED', authorId: actorId, body });
        room.trim(keep);
        room.save();
        return toRoom(roomId, room.record);
      }),
  };
}
