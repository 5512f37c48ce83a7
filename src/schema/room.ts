import { roomCursor, roomField, roomLastMessage, roomMembers, roomMessages, roomViewerMembership } from '../resolvers/room.ts';
import { backwardArgs, forwardArgs, searchArgs } from './arguments.ts';
import { builder, personalRead, shared, sharedPage, sharedRead } from './builder.ts';
import { connection } from './connection.ts';
import { MembershipConnection } from './membership.ts';
import { MessageConnection } from './message.ts';
import { MembershipRef, MessageRef, NodeRef, RoomRef } from './refs.ts';

/** Who may know of a room. */
export const RoomKindEnum = builder.enumType('RoomKind', {
  description: 'Who may know of a room. It never changes.',
  values: {
    PUBLIC: { description: 'Anyone signed in can find, read and join it; only members subscribe and write.' },
    PRIVATE: { description: 'Only its members know that it exists. To everyone else it looks as if it did not.' },
    DIRECT: {
      description:
        'Between exactly two users; there is one for each pair, and nobody joins or leaves. As hidden as a private room.',
    },
  } as const,
});

RoomRef.implement({
  description:
    'A place where members write to each other. All that happens in it is one sequence of events, numbered without a hole: read it with `messages`, follow it with the subscription `roomEvents`.',
  interfaces: [NodeRef],
  fields: (t) => ({
    kind: t.field({
      type: RoomKindEnum,
      description: 'Who may know of the room.',
      extensions: shared,
      resolve: roomField((room) => room.kind),
    }),
    name: t.string({
      nullable: true,
      description:
        'What the room is called: 1 to 80 Unicode code points, not unique. Null for a direct room, which clients name after the other member.',
      extensions: shared,
      resolve: roomField((room) => room.name),
    }),
    topic: t.string({
      nullable: true,
      description: 'What the room is about, at most 250 Unicode code points on one line; null where nobody has said.',
      extensions: shared,
      resolve: roomField((room) => room.topic),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the room was made.',
      extensions: shared,
      resolve: roomField((room) => room.createdAt),
    }),
    memberCount: t.int({
      description: 'How many members the room has.',
      extensions: shared,
      resolve: roomField((room) => room.memberCount),
    }),
    cursor: t.string({
      description:
        "Where the room's events stand now. Subscribe with `roomEvents(after:)` this cursor to miss nothing that follows.",
      extensions: shared,
      resolve: roomCursor,
    }),
    members: t.field({
      type: MembershipConnection,
      description:
        'Who is in the room, the oldest member first; with `search` by the word that starts so. One page of a search looks at no more than 500 users of such a name: where many others have it, a page may be short or empty and yet `hasNextPage`.',
      args: { ...searchArgs, ...forwardArgs },
      extensions: sharedPage,
      resolve: roomMembers,
    }),
    messages: t.field({
      type: MessageConnection,
      description:
        'The timeline, oldest first: what members wrote and what happened in the room. `last`/`before` walks back into history, `first`/`after` forward; without arguments, the newest. Cursors here and in events are of one kind: any works in both.',
      args: { ...forwardArgs, ...backwardArgs },
      extensions: sharedPage,
      resolve: roomMessages,
    }),
    lastMessage: t.field({
      type: MessageRef,
      nullable: true,
      description: 'The newest of the timeline, system messages included; null while there is none.',
      extensions: sharedRead,
      resolve: roomLastMessage,
    }),
    viewerMembership: t.field({
      type: MembershipRef,
      nullable: true,
      description: "The viewer's own membership; null where the viewer is not a member.",
      extensions: personalRead,
      resolve: roomViewerMembership,
    }),
  }),
});

/** A page of rooms. */
export const RoomConnection = connection('Room', 'rooms', RoomRef, (t, item) =>
  t.field({ type: RoomRef, ...item, resolve: ({ node }) => node }),
);
