import { lastReadMessageId } from '../resolvers/message.ts';
import { loadUser } from '../resolvers/user.ts';
import { builder, shared, sharedRead } from './builder.ts';
import { connection } from './connection.ts';
import { MembershipRef, RoomRef, UserRef } from './refs.ts';

/** What a member may do. */
export const MemberRoleEnum = builder.enumType('MemberRole', {
  description:
    'What a member may do. A room that has members always has an owner: when the last one leaves, the oldest moderator becomes owner, else the oldest member.',
  values: {
    OWNER: { description: 'Everything a moderator may, and give roles, and remove anyone.' },
    MODERATOR: { description: "Change name and topic, delete anyone's messages, remove plain members." },
    MEMBER: { description: 'Read, write, react, add members. Both members of a direct room are this.' },
  } as const,
});

MembershipRef.implement({
  description: 'One user in one room: their role, since when, and how far they have read.',
  fields: (t) => ({
    room: t.field({ type: RoomRef, description: 'The room.', extensions: shared, resolve: ({ roomId }) => ({ id: roomId }) }),
    user: t.field({
      type: UserRef,
      description: 'The member.',
      extensions: sharedRead,
      resolve: ({ userId, roomId }, _args, context) => loadUser(context, userId, roomId),
    }),
    role: t.field({
      type: MemberRoleEnum,
      description: 'What the member may do.',
      extensions: shared,
      resolve: ({ role }) => role,
    }),
    joinedAt: t.field({
      type: 'DateTime',
      description: 'When the member joined; one who left and came back, when they came back.',
      extensions: shared,
      resolve: ({ joinedAt }) => joinedAt,
    }),
    lastReadMessageId: t.id({
      nullable: true,
      description:
        'The read receipt: the id of the newest message this member has read. Never moves back. Null before the first. It may name a message that history no longer keeps.',
      extensions: shared,
      resolve: lastReadMessageId,
    }),
    lastReadAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the read receipt moved to where it stands; null where it never did.',
      extensions: shared,
      resolve: ({ receipt }) => receipt.readAt || null,
    }),
    unreadCount: t.int({
      description:
        'How many TEXT messages by others, not deleted, came after the read receipt; system messages do not count. Exact at any size. The receipt of a new member stands at the moment of joining; sending a message moves the sender’s receipt to it.',
      extensions: shared,
      resolve: ({ unreadCount }) => unreadCount,
    }),
  }),
});

/** A page of memberships. */
export const MembershipConnection = connection('Membership', 'memberships', MembershipRef, (t, item) =>
  t.field({ type: MembershipRef, ...item, resolve: ({ node }) => node }),
);
