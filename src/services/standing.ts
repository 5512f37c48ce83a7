import { isRoomId, isUserId } from '../domain/ids.ts';
import type { MemberRole, RoomKind } from '../domain/room.ts';
import type { Store } from '../ports/store.ts';
import type { Place } from './policy.ts';

/** The facts for judging the viewer, read now and past all caches; null where there is no such room (or the text is no room id). */
export async function placeOf(store: Store, roomId: string, userId: string): Promise<Place | null> {
  const standing = isRoomId(roomId) ? await store.memberships.standing(roomId, [userId]) : null;
  return standing && { kind: standing.kind, role: standing.roles[0] ?? null };
}

/** As {@link placeOf}, with the role of a second user read in the same atomic step. */
export async function placeOfBoth(
  store: Store,
  roomId: string,
  userId: string,
  targetId: string,
): Promise<{ readonly place: Place | null; readonly targetRole: MemberRole | null }> {
  const asked = isUserId(targetId) ? [userId, targetId] : [userId];
  const standing = isRoomId(roomId) ? await store.memberships.standing(roomId, asked) : null;
  if (standing === null) return { place: null, targetRole: null };
  const kind: RoomKind = standing.kind;
  return { place: { kind, role: standing.roles[0] ?? null }, targetRole: standing.roles[1] ?? null };
}
