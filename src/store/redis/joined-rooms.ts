import type { JoinedRooms } from '../../ports/joined-rooms.ts';
import { userKeys } from './keys.ts';
import type { Parts } from './parts.ts';

/** A user's list of rooms: {user:ID}:rooms, score 0 = confirmed, else when it was put there. */
export function createJoinedRooms({ scripts, reader }: Parts): JoinedRooms {
  return {
    async expect(userId, roomId, limit) {
      await scripts.expectRoom(userId, roomId, limit);
    },
    async settle(userId, roomId, joined) {
      await scripts.settleRoom(userId, roomId, joined);
    },
    async drop(userId, roomIds) {
      if (roomIds.length > 0) await scripts.dropRooms(userId, roomIds);
    },
    list: (userId) =>
      reader.run(async (client) => {
        const { rooms, version } = userKeys(userId);
        // The version first: should the list change in between, it is newer than its version says, and is read again.
        const [number, roomIds] = await Promise.all([client.get(version), client.zrange(rooms, 0, '-1')]);
        return { roomIds, version: Number(number ?? 0) };
      }),
    versions: (userIds) =>
      reader.run(async (client) => {
        const keys = userIds.map((id) => userKeys(id).version);
        if (keys.length === 0) return [];
        // In a cluster they lie in different slots.
        const found = client.isCluster ? Promise.all(keys.map((key) => client.get(key))) : client.mget(keys);
        return (await found).map((version) => Number(version ?? 0));
      }),
  };
}
