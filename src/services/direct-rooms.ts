import { badInput, notFound } from '../domain/errors.ts';
import { directRoomId, isUserId } from '../domain/ids.ts';
import type { Room } from '../domain/room.ts';
import type { Deps } from './deps.ts';
import { type MaybePrincipal, requireSignedIn } from './principal.ts';
import { spend } from './rates.ts';

/** Rooms of exactly two. */
export interface DirectRooms {
  /**
   * The one direct room of the viewer and that user, made where there is none yet; the same for both, however many open it at once.
   * Throws BAD_USER_INPUT "input.userId" (with oneself), NOT_FOUND (no such user), CONFLICT (too many rooms), RATE_LIMITED.
   */
  open(viewer: MaybePrincipal, userId: string): Promise<Room>;
}

/** Finds or makes the direct room of two existing users. No permission is asked here. */
export async function openDirectRoom({ store, config }: Pick<Deps, 'store' | 'config'>, a: string, b: string): Promise<Room> {
  const id = directRoomId(a, b);
  const [existing] = await store.rooms.get([id]);
  if (existing) return existing;
  const both = [a, b];
  await Promise.all(both.map((userId) => store.joinedRooms.expect(userId, id, config.limits.roomsPerUser)));
  const members = both.map((userId) => ({ userId, role: 'MEMBER' as const, joined: null }));
  const { room } = await store.rooms.create({ id, kind: 'DIRECT', name: null, topic: null, members });
  await Promise.all(both.map((userId) => store.joinedRooms.settle(userId, id, true)));
  return room;
}

/** @param deps store and settings */
export function createDirectRooms(deps: Deps): DirectRooms {
  const { store, config } = deps;
  return {
    async open(viewer, userId) {
      const { userId: self } = requireSignedIn(viewer);
      if (userId === self) throw badInput('input.userId', 'A direct room is between two users.');
      await spend(store.rates, `write:${self}`, config.rates.write);
      const [user = null] = isUserId(userId) ? await store.accounts.get([userId]) : [];
      if (user === null) throw notFound('user');
      return openDirectRoom(deps, self, userId);
    },
  };
}
