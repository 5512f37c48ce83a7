import type { RoomDelivery, RoomEvent } from '../domain/event.ts';
import type { RoomEventBacking } from '../resolvers/backing.ts';
import {
  eventCursor,
  eventMessage,
  eventRoom,
  eventUser,
  joinedMembership,
  presenceUser,
  receiptMembership,
  roomEventType,
} from '../resolvers/subscriptions.ts';
import { builder, shared, sharedRead } from './builder.ts';
import { MembershipRef, MessageRef, RoomEventRef, RoomRef, UserRef } from './refs.ts';

type Signal<T extends RoomDelivery['type']> = RoomEventBacking<Extract<RoomDelivery, { type: T }>>;
const kept = (name: string) => builder.objectRef<RoomEventBacking<RoomEvent>>(name);
const systemMessage = 'The system message that tells of it in the timeline.';

RoomEventRef.implement({
  description:
    'Something that happened in a room. Those with a cursor are kept, come in order and are replayed; those without (typing, presence, receipts) may be merged or lost.',
  resolveType: roomEventType,
  fields: (t) => ({
    cursor: t.string({
      nullable: true,
      description:
        'Where the room’s events stand after this one: keep the latest and subscribe with `after` to go on from there. Rises with every event that is kept; null for those that are not kept.',
      extensions: shared,
      resolve: eventCursor,
    }),
    room: t.field({
      type: RoomRef,
      description: 'The room. Its fields tell what it is when they are read, which may be later than the event.',
      extensions: shared,
      resolve: eventRoom,
    }),
  }),
});

kept('MessageSent').implement({
  description: 'A member wrote a message.',
  interfaces: [RoomEventRef],
  fields: (t) => ({
    message: t.field({
      type: MessageRef,
      description: 'The message; in a replay, in its present state.',
      extensions: shared,
      resolve: eventMessage,
    }),
  }),
});

kept('MessageUpdated').implement({
  description:
    'A message was edited, deleted or reacted to. Of several changes missed only the last one comes, once. It may be a message the client has not loaded.',
  interfaces: [RoomEventRef],
  fields: (t) => ({
    message: t.field({ type: MessageRef, description: 'The message as it is now.', extensions: shared, resolve: eventMessage }),
  }),
});

kept('MemberJoined').implement({
  description: 'Someone joined the room or was added to it.',
  interfaces: [RoomEventRef],
  fields: (t) => ({
    membership: t.field({
      type: MembershipRef,
      description: 'The membership as it began. What became of it since, later events tell.',
      extensions: shared,
      resolve: joinedMembership,
    }),
    message: t.field({ type: MessageRef, description: systemMessage, extensions: shared, resolve: eventMessage }),
  }),
});

kept('MemberLeft').implement({
  description:
    'Someone left the room or was removed from it. To that user it is the last event of the room; then the subscription ends with FORBIDDEN.',
  interfaces: [RoomEventRef],
  fields: (t) => ({
    user: t.field({ type: UserRef, description: 'Who is no member any more.', extensions: sharedRead, resolve: eventUser }),
    message: t.field({ type: MessageRef, description: systemMessage, extensions: shared, resolve: eventMessage }),
  }),
});

kept('RoomUpdated').implement({
  description: 'Name, topic or a member’s role changed.',
  interfaces: [RoomEventRef],
  fields: (t) => ({
    message: t.field({
      type: MessageRef,
      description: `${systemMessage} Its author is who changed the room, or the member whose role changed.`,
      extensions: shared,
      resolve: eventMessage,
    }),
  }),
});

builder.objectRef<Signal<'receipt-moved'>>('ReadReceiptMoved').implement({
  description: 'A member has read on. Not kept; bursts may be merged.',
  interfaces: [RoomEventRef],
  fields: (t) => ({
    membership: t.field({
      type: MembershipRef,
      description: 'The membership with its receipt, as it is now.',
      extensions: sharedRead,
      resolve: receiptMembership,
    }),
  }),
});

builder.objectRef<Signal<'typing'>>('TypingStarted').implement({
  description: 'A member is typing. Not kept.',
  interfaces: [RoomEventRef],
  fields: (t) => ({
    user: t.field({ type: UserRef, description: 'Who is typing.', extensions: sharedRead, resolve: eventUser }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When to stop showing it, unless it is said again. It stops earlier when a message by the same user arrives.',
      extensions: shared,
      resolve: ({ delivery }) => delivery.expiresAt,
    }),
  }),
});

builder.objectRef<Signal<'presence-changed'>>('PresenceChanged').implement({
  description: 'A member came or went. Not kept, and not sent in rooms of more than 200 members.',
  interfaces: [RoomEventRef],
  fields: (t) => ({
    user: t.field({
      type: UserRef,
      description: 'Who came or went; `presence` is what the event tells.',
      extensions: sharedRead,
      resolve: presenceUser,
    }),
  }),
});

builder.objectRef<Signal<'caught-up'>>('CaughtUp').implement({
  description:
    'Sent once: after what was missed since `after` has been replayed, or at once without `after`. From here on events are live. Select the room’s fields here and one operation gives the snapshot and all that follows it.',
  interfaces: [RoomEventRef],
  fields: () => ({}),
});

const ResetReason = builder.enumType('ResetReason', {
  description: 'Why there is no replay.',
  values: {
    EXPIRED: { description: 'The events after the cursor are no longer kept.' },
    FORKED: { description: 'The cursor names an event that the store has lost (after a crash or failover).' },
    TOO_FAR: { description: 'More was missed than one replay carries.' },
  } as const,
});

builder.objectRef<Signal<'reset'>>('Reset').implement({
  description:
    'Sent instead of a replay that would have holes: some events will not be delivered, so read the room again (its fields can be selected right here) and go on from this cursor. Live events follow. Nothing is ever skipped without it.',
  interfaces: [RoomEventRef],
  fields: (t) => ({
    reason: t.field({
      type: ResetReason,
      description: 'Why there is no replay.',
      extensions: shared,
      resolve: ({ delivery }) => delivery.reason,
    }),
  }),
});
