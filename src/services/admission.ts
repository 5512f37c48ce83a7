import type { MemberRole, Membership } from '../domain/room.ts';
import type { Guard } from '../ports/guard.ts';
import { type Deps, keepOf } from './deps.ts';
import { words } from './words.ts';

/**
 * Makes the user a member, in the order that heals: the user's own list names the room before the room names the user, so that a crash in
 * between leaves a list that names one room too many, never one too few. No permission is asked here; `guard` holds what was judged.
 */
export async function admit(
  { store, config }: Pick<Deps, 'store' | 'config'>,
  input: {
    readonly roomId: string;
    readonly userId: string;
    readonly role?: MemberRole;
    readonly body: string;
    readonly guard: readonly Guard[];
  },
): Promise<Membership> {
  const { roomId, userId } = input;
  await store.joinedRooms.expect(userId, roomId, config.limits.roomsPerUser);
  const { membership } = await store.memberships.join({ role: 'MEMBER', ...input, keep: keepOf(config, roomId) });
  await store.joinedRooms.settle(userId, roomId, true);
  return membership;
}

/** Ends a membership. The room first, then the user's list: what a crash leaves in between is dropped by whoever reads the list. */
export async function dismiss(
  { store, config }: Pick<Deps, 'store' | 'config'>,
  input: { readonly roomId: string; readonly userId: string; readonly body: string; readonly guard: readonly Guard[] },
): Promise<void> {
  const { roomId, userId } = input;
  await store.memberships.leave({ ...input, heirBody: words.role('OWNER'), keep: keepOf(config, roomId) });
  await store.joinedRooms.settle(userId, roomId, false);
  // One who came back in between was just struck off the list: put it right, for the list may never name too few.
  const [back] = await store.memberships.get([{ roomId, userId }]);
  if (back) await store.joinedRooms.settle(userId, roomId, true);
}
