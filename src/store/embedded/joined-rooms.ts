import { DomainError } from '../../domain/errors.ts';
import type { JoinedRooms } from '../../ports/joined-rooms.ts';
import type { Embedded } from './database.ts';
import { raiseVersion } from './sessions.ts';
import { under } from './tables.ts';

const JOINING_MS = 60_000;

/** The rooms on the user's list. Within a read. */
export const roomsOf = ({ tables }: Embedded, userId: string): readonly string[] =>
  [...tables.joined.getKeys(under(userId))].map((key) => key[1]);

export function createJoinedRooms(store: Embedded): JoinedRooms {
  const { tables } = store;
  return {
    expect: (userId, roomId, limit) =>
      store.write((step) => {
        const listed = tables.joined.get([userId, roomId]);
        if (!listed && tables.joined.getKeysCount(under(userId)) >= limit) {
          throw new DomainError('CONFLICT', `Nobody can be in more than ${limit} rooms.`);
        }
        tables.joined.putSync([userId, roomId], { since: step.now });
      }),

    settle: (userId, roomId, joined) =>
      store.write((step) => {
        if (joined) tables.joined.putSync([userId, roomId], { since: step.now });
        else tables.joined.removeSync([userId, roomId]);
        raiseVersion(store, userId);
        step.tell(userId, { type: 'rooms-changed', roomId });
      }),

    drop: (userId, roomIds) =>
      store.write((step) => {
        for (const roomId of roomIds) {
          const listed = tables.joined.get([userId, roomId]);
          if (listed && listed.since < step.now - JOINING_MS) tables.joined.removeSync([userId, roomId]);
        }
      }),

    list: (userId) =>
      store.read(() => ({
        roomIds: roomsOf(store, userId),
        version: tables.versions.get(userId) ?? 0,
      })),

    versions: (userIds) => store.read(() => userIds.map((userId) => tables.versions.get(userId) ?? 0)),
  };
}
