/** TEXT is what members write; the others are system messages about `authorId`, the member concerned. */
export type MessageKind = 'TEXT' | 'MEMBER_JOINED' | 'MEMBER_LEFT' | 'ROOM_UPDATED';

/** One emoji under a message. */
export interface Reaction {
  readonly emoji: string;
  readonly count: number;
  /** The first to react, in order, at most {@link REACTION_PREVIEW}; the store knows the rest. */
  readonly firstUserIds: readonly string[];
}

/** How many reactors travel with a message; a query for more asks the store. */
export const REACTION_PREVIEW = 10;

/** An entry of a room's timeline in its present state. Times are ms since 1970, store's clock. */
export interface Message {
  readonly roomId: string;
  /** Its number in the room's sequence of events; with `at` it is the message's identity (`messageId`). */
  readonly number: number;
  readonly at: number;
  readonly kind: MessageKind;
  readonly authorId: string;
  /** Markdown for TEXT, plain words without the subject for system messages ("joined"); '' once deleted. */
  readonly body: string;
  /** How many TEXT messages the room had been sent up to and including this entry. */
  readonly ordinal: number;
  /** Number of the latest change to this message; equals `number` while it never changed. */
  readonly changed: number;
  readonly editedAt: number | null;
  readonly deletedAt: number | null;
  /** Number of the message this one answers, in the same room. */
  readonly replyTo: number | null;
  /** How many undeleted messages answer this one. */
  readonly replyCount: number;
  readonly reactions: readonly Reaction[];
  /** Ids of the users mentioned, in order of appearance. */
  readonly mentions: readonly string[];
  readonly idempotencyKey: string | null;
  /** The role given: on MEMBER_JOINED where it is not MEMBER, and on ROOM_UPDATED about a role; else null. */
  readonly role: 'OWNER' | 'MODERATOR' | 'MEMBER' | null;
}
