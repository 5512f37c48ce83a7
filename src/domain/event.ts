import type { Message } from './message.ts';
import type { Position } from './position.ts';
import type { Presence } from './presence.ts';
import type { MemberRole, Membership, Receipt } from './room.ts';

/**
 * A lasting change in a room: kept, numbered, replayable (P1). The kinds follow from the message at its heart:
 * see {@link eventOf}.
 */
export interface RoomEvent {
  readonly type: 'message-sent' | 'message-updated' | 'member-joined' | 'member-left' | 'room-updated';
  readonly position: Position;
  /** The timeline entry concerned, in its state after the event (in a replay: in its present state). */
  readonly message: Message;
}

/** What is worth telling but not keeping: no number, never replayed, may be lost or merged (P9). */
export type RoomSignal =
  | { readonly type: 'receipt-moved'; readonly userId: string; readonly receipt: Receipt }
  | { readonly type: 'typing'; readonly userId: string; readonly expiresAt: number }
  | {
      readonly type: 'presence-changed';
      readonly userId: string;
      readonly online: boolean;
      readonly lastSeenAt: number | null;
    };

/** Why a replay was refused: kept no longer, lost by the store, or more than one replay carries. */
export type ResetReason = 'EXPIRED' | 'FORKED' | 'TOO_FAR';

/** What one subscriber of a room receives, in order. */
export type RoomDelivery =
  | RoomEvent
  | RoomSignal
  | { readonly type: 'caught-up'; readonly position: Position }
  | { readonly type: 'reset'; readonly position: Position; readonly reason: ResetReason };

/**
 * What changed for one user over all rooms. `viewer-caught-up` comes once, first: from there on nothing is missed, so a snapshot
 * read then and what follows are complete together. `contact-presence-changed` is a signal (P9): about the other member of one of the user's direct rooms.
 */
export type ViewerDelivery =
  | { readonly type: 'viewer-caught-up' }
  | { readonly type: 'membership-added' | 'membership-updated'; readonly membership: Membership }
  | { readonly type: 'membership-removed'; readonly roomId: string }
  | {
      readonly type: 'contact-presence-changed';
      readonly roomId: string;
      readonly userId: string;
      /** As it is when the event is handed over. */
      readonly presence: Presence;
    };

/** What the store tells about one user, beside any room. A hint: the store is asked before anything is believed. */
export type UserSignal =
  | { readonly type: 'rooms-changed'; readonly roomId: string }
  | { readonly type: 'session-revoked'; readonly sessionId: string };

const ENTRY_EVENTS = {
  TEXT: 'message-sent',
  MEMBER_JOINED: 'member-joined',
  MEMBER_LEFT: 'member-left',
  ROOM_UPDATED: 'room-updated',
} as const;

/**
 * The event with that position and message. A number equal to the message's own is the entry itself, by kind;
 * a greater one is a change to it.
 */
export const eventOf = (position: Position, message: Message): RoomEvent => ({
  type: position.number === message.number ? ENTRY_EVENTS[message.kind] : 'message-updated',
  position,
  message,
});

/** The role a joining member has: kept on the entry where it is not the ordinary one. */
export const joinedRole = (message: Message): MemberRole => message.role ?? 'MEMBER';

/** Whether the delivery is a kept event, with a number. */
export const isRoomEvent = (delivery: RoomDelivery): delivery is RoomEvent => 'message' in delivery;
