import { badInput, DomainError, notFound, notMember } from '../domain/errors.ts';
import type { MemberRole, RoomKind } from '../domain/room.ts';

/**
 * Every permission question, in one place. Pure: judged on facts the caller has read; what must not change before the
 * deed is done goes along as a guard. Each `require…` returns quietly or throws what the asker is told.
 */
export interface Place {
  readonly kind: RoomKind;
  /** The asker's role there; null for one who is no member. */
  readonly role: MemberRole | null;
}

const forbidden = (message: string): DomainError => new DomainError('FORBIDDEN', message);

/** Whether the room and all in it may be read: public by anyone signed in, others by their members. */
export const mayRead = ({ kind, role }: Place): boolean => kind === 'PUBLIC' || role !== null;

/** For reading. A room that may not be read looks as if it were not there: NOT_FOUND. */
export function requireReader(place: Place | null): Place {
  if (place === null || !mayRead(place)) throw notFound('room');
  return place;
}

/** For what only members do: subscribing, writing, reading receipts. FORBIDDEN in a public room, else NOT_FOUND. */
export function requireMember(place: Place | null): Place & { readonly role: MemberRole } {
  if (place === null || place.role === null) throw notMember(place?.kind ?? null);
  return { kind: place.kind, role: place.role };
}

/** For joining: public rooms are open; members of any room are in already; to others there is no such room. */
export const requireJoiner = requireReader;

/** For leaving: any member, but never a direct room. */
export function requireLeaver(place: Place | null): void {
  if (requireMember(place).kind === 'DIRECT') throw forbidden('A direct room cannot be left.');
}

/** For adding someone: any member, but never to a direct room. Returns the asker's role, which must still hold. */
export function requireAdder(place: Place | null): MemberRole {
  const { kind, role } = requireMember(place);
  if (kind === 'DIRECT') throw forbidden('A direct room has exactly two members.');
  return role;
}

/** For changing name or topic: owners and moderators, never of a direct room. Returns the asker's role, which must still hold. */
export function requireUpdater(place: Place | null): MemberRole {
  const { kind, role } = requireMember(place);
  if (kind === 'DIRECT') throw forbidden('A direct room has neither name nor topic.');
  if (role === 'MEMBER') throw forbidden('Only owners and moderators may change the room.');
  return role;
}

/**
 * For removing someone else, whose role is `target`: owners anyone, moderators plain members. Nobody removes oneself (BAD_USER_INPUT: leave).
 * Returns both roles, which must still hold.
 */
export function requireRemover(
  place: Place | null,
  target: { readonly role: MemberRole | null; readonly self: boolean },
): { readonly role: MemberRole; readonly targetRole: MemberRole } {
  const { kind, role } = requireMember(place);
  if (kind === 'DIRECT') throw forbidden('A direct room has exactly two members.');
  if (target.self) throw badInput('input.userId', 'Nobody removes oneself; leave the room instead.');
  if (role === 'MEMBER') throw forbidden('Only owners and moderators may remove members.');
  if (target.role === null) throw notFound('member');
  if (role === 'MODERATOR' && target.role !== 'MEMBER') throw forbidden('Only owners may remove owners and moderators.');
  return { role, targetRole: target.role };
}

/** For giving a role to the member whose role is `targetRole`: owners only. Returns both roles, which must still hold. */
export function requireRoleGiver(
  place: Place | null,
  targetRole: MemberRole | null,
): { readonly role: MemberRole; readonly targetRole: MemberRole } {
  const { kind, role } = requireMember(place);
  if (kind === 'DIRECT') throw forbidden('Both members of a direct room are equal.');
  if (role !== 'OWNER') throw forbidden('Only owners may give roles.');
  if (targetRole === null) throw notFound('member');
  return { role, targetRole };
}

/**
 * For deleting a message: one's own, or any as owner or moderator of the room. Returns the role that must still hold, null where the deed does
 * not rest on one (the store asks for membership itself).
 */
export function requireDeleter(place: Place | null, own: boolean): MemberRole | null {
  const { role } = requireMember(place);
  if (own) return null;
  if (role === 'MEMBER') throw forbidden("Only owners and moderators may delete another's message.");
  return role;
}
