import type { RoomDelivery } from '../domain/event.ts';
import type { Message, Reaction } from '../domain/message.ts';
import type { Position } from '../domain/position.ts';
import type { Presence } from '../domain/presence.ts';
import type { Room } from '../domain/room.ts';
import type { User } from '../domain/user.ts';

export type { ViewerDelivery } from '../domain/event.ts';
export type { Presence } from '../domain/presence.ts';
export type { MemberRole, Membership, RoomKind } from '../domain/room.ts';
export type { SignedIn } from '../services/auth.ts';
export type { Page } from '../services/page.ts';

/** A room that the viewer may read, by its id: judged where it came in. Its state is read when a field asks for it. */
export interface RoomHandle {
  readonly id: string;
  /** Set for a room the viewer has just left and may no longer read: its state when they last saw it. */
  readonly last?: Room;
}

/** A user, with what the way there already tells. */
export interface UserBacking extends User {
  /** A room the user was met in. */
  readonly seenIn?: string;
  /** Their presence, where an event told it. */
  readonly presence?: Presence;
}

/** A message, with where its room stood when it was read, if the way there tells. */
export interface MessageBacking extends Message {
  readonly seenAt?: Position;
}

// Field by field: spreading an object and adding to it is the slowest way there is to copy one, and each event does so.
/** The message, as it was when its room stood at that position. */
export const seenMessage = (message: Message, seenAt: Position): MessageBacking => ({
  roomId: message.roomId,
  number: message.number,
  at: message.at,
  kind: message.kind,
  authorId: message.authorId,
  body: message.body,
  ordinal: message.ordinal,
  changed: message.changed,
  editedAt: message.editedAt,
  deletedAt: message.deletedAt,
  replyTo: message.replyTo,
  replyCount: message.replyCount,
  reactions: message.reactions,
  mentions: message.mentions,
  idempotencyKey: message.idempotencyKey,
  role: message.role,
  seenAt,
});

/** The user, as met in that room. */
export const metUser = (user: User, seenIn: string): UserBacking => ({
  id: user.id,
  username: user.username,
  displayName: user.displayName,
  avatarUrl: user.avatarUrl,
  isBot: user.isBot,
  createdAt: user.createdAt,
  seenIn,
});

/** One emoji under a message. */
export interface ReactionBacking {
  readonly message: Message;
  readonly reaction: Reaction;
}

/** One thing that happened in a room, and which room that is. */
export interface RoomEventBacking<D extends RoomDelivery = RoomDelivery> {
  readonly roomId: string;
  readonly delivery: D;
}

/** The user behind the operation. */
export interface ViewerBacking {
  readonly userId: string;
}

/** What has a global id. */
export type NodeBacking = UserBacking | RoomHandle | MessageBacking;
