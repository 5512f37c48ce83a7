import type { Position } from './position.ts';

/** PUBLIC: anyone signed in finds, reads and joins it. PRIVATE: members only. DIRECT: one per pair of users. */
export type RoomKind = 'PUBLIC' | 'PRIVATE' | 'DIRECT';

/** OWNER over MODERATOR over MEMBER. */
export type MemberRole = 'OWNER' | 'MODERATOR' | 'MEMBER';

/** A room as the store has it. Times are ms since 1970, store's clock. */
export interface Room {
  readonly id: string;
  readonly kind: RoomKind;
  /** Null for a direct room. */
  readonly name: string | null;
  readonly topic: string | null;
  readonly createdAt: number;
  readonly memberCount: number;
  /** The last event of the room; every later one has a greater number. */
  readonly position: Position;
  /** When the newest entry of the timeline was stored; `createdAt` while there is none. */
  readonly activeAt: number;
}

/** How far a member has read. Only ever moves forward. */
export interface Receipt {
  /** Number of the newest message read; 0 for none. */
  readonly number: number;
  /** How many TEXT messages had been sent up to and including that one. */
  readonly ordinal: number;
  /** When that message was stored, to tell its id; 0 for none. */
  readonly messageAt: number;
  /** When the receipt moved there; 0 where it never did. */
  readonly readAt: number;
}

/** One user's membership in one room. */
export interface Membership {
  readonly roomId: string;
  readonly userId: string;
  readonly role: MemberRole;
  readonly joinedAt: number;
  readonly receipt: Receipt;
  /** TEXT messages after the receipt that are kept and not deleted; own ones are never after it. */
  readonly unreadCount: number;
}
