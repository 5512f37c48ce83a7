import type { Context } from '../context.ts';
import { badInput, notFound, notMember, unauthenticated } from '../domain/errors.ts';
import {
  isRoomEvent,
  joinedRole,
  type RoomDelivery,
  type RoomEvent,
  type RoomSignal,
  type ViewerDelivery,
} from '../domain/event.ts';
import { isRoomId } from '../domain/ids.ts';
import { parseCursor, toCursor } from '../domain/position.ts';
import type { Membership } from '../domain/room.ts';
import {
  type MessageBacking,
  type RoomEventBacking,
  type RoomHandle,
  seenMessage,
  type UserBacking,
  type ViewerBacking,
} from './backing.ts';
import { loadUser } from './user.ts';

/** The arguments of `Subscription.roomEvents`. */
export interface RoomEventsArgs {
  readonly roomId: string;
  readonly after?: string | null | undefined;
}

/** `Subscription.roomEvents`, its source: refused before anything is subscribed to. */
export async function subscribeRoomEvents(_root: unknown, { roomId, after }: RoomEventsArgs, context: Context) {
  if (context.viewer === null) throw unauthenticated();
  const { userId } = context.viewer;
  const standing = isRoomId(roomId) ? await context.hub.standing(roomId, userId) : null;
  if (!standing?.role) throw notMember(standing?.kind ?? null);
  const position = typeof after === 'string' ? parseCursor(after) : null;
  if (position === null && typeof after === 'string') throw badInput('after', 'Not a cursor of a room.');
  const memberAt = standing.position;
  return context.hub.roomEvents({ roomId, userId, after: position, memberAt, readersEnd: context.client });
}

/** `Subscription.roomEvents`, one event of it. */
export const roomEvent = (delivery: RoomDelivery, { roomId }: RoomEventsArgs): RoomEventBacking => ({ roomId, delivery });

/** `Subscription.viewerEvents`, its source. */
export function subscribeViewerEvents(_root: unknown, _args: object, context: Context): AsyncIterable<ViewerDelivery> {
  if (context.viewer === null) throw unauthenticated();
  return context.hub.viewerEvents({ userId: context.viewer.userId });
}

const ROOM_EVENTS = {
  'message-sent': 'MessageSent',
  'message-updated': 'MessageUpdated',
  'member-joined': 'MemberJoined',
  'member-left': 'MemberLeft',
  'room-updated': 'RoomUpdated',
  'receipt-moved': 'ReadReceiptMoved',
  typing: 'TypingStarted',
  'presence-changed': 'PresenceChanged',
  'caught-up': 'CaughtUp',
  reset: 'Reset',
} as const;

/** The GraphQL type of a room event. */
export const roomEventType = ({ delivery }: RoomEventBacking): string => ROOM_EVENTS[delivery.type];

const VIEWER_EVENTS = {
  'viewer-caught-up': 'ViewerCaughtUp',
  'membership-added': 'MembershipAdded',
  'membership-updated': 'MembershipUpdated',
  'membership-removed': 'MembershipRemoved',
  'contact-presence-changed': 'ContactPresenceChanged',
} as const;

/** The GraphQL type of a viewer event. */
export const viewerEventType = (delivery: ViewerDelivery): string => VIEWER_EVENTS[delivery.type];

/** `RoomEvent.cursor`. */
export const eventCursor = ({ delivery }: RoomEventBacking): string | null =>
  'position' in delivery ? toCursor(delivery.position) : null;

/** `RoomEvent.room`. */
export const eventRoom = ({ roomId }: RoomEventBacking): RoomHandle => ({ id: roomId });

/** The message at the heart of a kept event. */
export const eventMessage = ({ delivery }: RoomEventBacking<RoomEvent>): MessageBacking =>
  seenMessage(delivery.message, delivery.position);

/** The member concerned, or the one who does what a signal tells. */
export const eventUser = (
  { roomId, delivery }: RoomEventBacking<RoomEvent | RoomSignal>,
  _args: object,
  context: Context,
): Promise<UserBacking> => loadUser(context, isRoomEvent(delivery) ? delivery.message.authorId : delivery.userId, roomId);

/** `PresenceChanged.user`: with the presence the event tells, whatever it is by now. */
export async function presenceUser(
  event: RoomEventBacking<Extract<RoomSignal, { type: 'presence-changed' }>>,
  args: object,
  context: Context,
): Promise<UserBacking> {
  const { online, lastSeenAt } = event.delivery;
  return { ...(await eventUser(event, args, context)), presence: { online, lastSeenAt } };
}

/** `MemberJoined.membership`: as it was made. Told by the event alone, for in a replay the member may be gone again. */
export function joinedMembership({ delivery: { message } }: RoomEventBacking<RoomEvent>): Membership {
  const { roomId, authorId: userId, number, ordinal, at } = message;
  const receipt = { number, ordinal, messageAt: at, readAt: at };
  return { roomId, userId, role: joinedRole(message), joinedAt: at, receipt, unreadCount: 0 };
}

/** `ReadReceiptMoved.membership`: as it is now. */
export async function receiptMembership(
  { roomId, delivery }: RoomEventBacking<Extract<RoomSignal, { type: 'receipt-moved' }>>,
  _args: object,
  context: Context,
): Promise<Membership> {
  const membership = await context.loaders.membership.load({ roomId, userId: delivery.userId });
  if (membership === null) throw notFound('member');
  return membership;
}

/** `ContactPresenceChanged.user`: with the presence the event tells, whatever it is by now. */
export async function contactUser(
  { roomId, userId, presence }: Extract<ViewerDelivery, { type: 'contact-presence-changed' }>,
  _args: object,
  context: Context,
): Promise<UserBacking> {
  return { ...(await loadUser(context, userId, roomId)), presence };
}

/** `ViewerCaughtUp.viewer`. */
export function eventViewer(_event: ViewerDelivery, _args: object, context: Context): ViewerBacking {
  if (context.viewer === null) throw unauthenticated();
  return context.viewer;
}
