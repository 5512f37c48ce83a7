import type { Position } from '../domain/position.ts';
import type { MemberRole, Membership, RoomKind } from '../domain/room.ts';
import type { Guard } from './guard.ts';

/** How a room and some users stand to each other, read in one atomic step. */
export interface Standing {
  readonly kind: RoomKind;
  /** The room's last event at that moment: what the answer is true of. */
  readonly position: Position;
  /** In the order asked; null where the user is no member. */
  readonly roles: readonly (MemberRole | null)[];
}

/**
 * Who belongs to which room. `keep` on every call that appends an entry is how many timeline entries the room keeps
 * (0 = all); the oldest beyond that go in the same step (see `Timeline.append`). Checks come in this order: the room exists, guard, the rest.
 */
export interface Memberships {
  /**
   * Makes the user a member and appends MEMBER_JOINED with `body`: one event. One who is a member already stays as is and nothing
   * happens. Whoever joins a room that has no owner becomes its OWNER, whatever `role` says. The new receipt
   * stands at the join itself, `readAt` included. Who comes again is a new member, the last in join order. Throws NOT_FOUND (no such room), StaleGuardError.
   */
  join(input: {
    readonly roomId: string;
    readonly userId: string;
    readonly role: MemberRole;
    readonly body: string;
    readonly guard: readonly Guard[];
    readonly keep: number;
  }): Promise<{ readonly membership: Membership; readonly joined: boolean }>;
  /**
   * Ends the membership and appends MEMBER_LEFT with `body`: one event, the last the user may see (P7). Where that leaves the room
   * without an owner, the oldest moderator, else the oldest member becomes OWNER in the same step: a second event, ROOM_UPDATED about the
   * heir with `heirBody`. One who is no member: nothing happens, `left` is false. Throws NOT_FOUND, StaleGuardError.
   */
  leave(input: {
    readonly roomId: string;
    readonly userId: string;
    readonly body: string;
    readonly heirBody: string;
    readonly guard: readonly Guard[];
    readonly keep: number;
  }): Promise<{ readonly left: boolean }>;
  /**
   * Gives a member another role and appends ROOM_UPDATED about them with `body`: one event; the same role again: nothing happens.
   * Throws NOT_FOUND (room or member), CONFLICT where the room would be left without an owner, StaleGuardError.
   */
  setRole(input: {
    readonly roomId: string;
    readonly userId: string;
    readonly role: MemberRole;
    readonly body: string;
    readonly guard: readonly Guard[];
    readonly keep: number;
  }): Promise<Membership>;
  /** These memberships in the order asked, unread counts included; null where there is none. One round trip (per node) for all. */
  get(pairs: readonly { readonly roomId: string; readonly userId: string }[]): Promise<readonly (Membership | null)[]>;
  /**
   * Members in join order, from behind `after` (null = from the first), at most `limit` (at least 1); a cursor stays good when its member has left.
   * It is opaque; an unreadable one throws BAD_USER_INPUT "after". Of a room that does not exist: nobody.
   */
  list(
    roomId: string,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<{
    readonly members: readonly { readonly membership: Membership; readonly cursor: string }[];
    readonly hasMore: boolean;
  }>;
  /** The room's kind and position and these users' roles in one atomic step; null where there is no such room. */
  standing(roomId: string, userIds: readonly string[]): Promise<Standing | null>;
  /**
   * Moves the receipt to that message (of whatever kind) if that is forward, and signals `receipt-moved`; else nothing happens.
   * Throws FORBIDDEN or NOT_FOUND for one who is no member (`notMember`), then NOT_FOUND where the room has no such message (number and `at`).
   */
  markRead(input: {
    readonly roomId: string;
    readonly userId: string;
    readonly number: number;
    readonly at: number;
  }): Promise<Membership>;
  /** Signals `typing` to the room, ending `ttlMs` from now by the store's clock; returns that end. Errors as markRead. Stores nothing. */
  typing(input: { readonly roomId: string; readonly userId: string; readonly ttlMs: number }): Promise<number>;
}
