import type { Room } from '../../domain/room.ts';
import type { Rooms } from '../../ports/rooms.ts';
import { decodeRoom, ROOM_FIELDS } from './codec.ts';
import { roomKeys } from './keys.ts';
import type { Parts } from './parts.ts';
import { asList, UnreadableError } from './reply.ts';

/** Rooms as hashes at {room:ID}. */
export function createRooms({ scripts, reader }: Parts): Rooms {
  return {
    async create(room) {
      const [created, fields] = await scripts.createRoom(room);
      return { room: existing(room.id, fields), created: created === 1 };
    },
    get: (ids) =>
      reader.run((client) =>
        Promise.all(ids.map(async (id) => decodeRoom(id, await client.hmget(roomKeys(id).room, ...ROOM_FIELDS)))),
      ),
    async update(change) {
      const [fields] = await scripts.updateRoom(change);
      return existing(change.roomId, fields);
    },
  };
}

function existing(id: string, fields: unknown): Room {
  const room = decodeRoom(id, asList(fields));
  if (!room) throw new UnreadableError('A script answered without the room it wrote');
  return room;
}
