import {
  messageAuthor,
  messageCursor,
  messageMentions,
  messageReactions,
  messageReplies,
  messageReplyTo,
  reactionUsers,
  reactionViewerReacted,
} from '../resolvers/message.ts';
import { forwardArgs } from './arguments.ts';
import { builder, personalRead, shared, sharedPage, sharedRead } from './builder.ts';
import { connection } from './connection.ts';
import { MessageRef, NodeRef, ReactionRef, RoomRef, UserRef } from './refs.ts';

const MessageKindEnum = builder.enumType('MessageKind', {
  description:
    'What an entry of the timeline is. All but TEXT are system messages: `body` says in English and without its subject what happened, `author` is the user concerned.',
  values: {
    TEXT: { description: 'What a member wrote.' },
    MEMBER_JOINED: { description: 'The author joined or was added: "joined", "was added by Bob".' },
    MEMBER_LEFT: { description: 'The author left or was removed: "left", "was removed by Bob".' },
    ROOM_UPDATED: {
      description: 'The author changed name or topic, or was given a role: "renamed the room to Tea", "is now a moderator".',
    },
  } as const,
});

/** A page of messages. */
export const MessageConnection = connection('Message', 'messages', MessageRef, (t, item) =>
  t.field({ type: MessageRef, ...item, resolve: ({ node }) => node }),
);

MessageRef.implement({
  description: 'An entry of a room’s timeline, in its present state.',
  interfaces: [NodeRef],
  fields: (t) => ({
    room: t.field({
      type: RoomRef,
      description: 'The room it was sent to.',
      extensions: shared,
      resolve: ({ roomId }) => ({ id: roomId }),
    }),
    kind: t.field({
      type: MessageKindEnum,
      description: 'Whether a member wrote it, or what else it tells.',
      extensions: shared,
      resolve: ({ kind }) => kind,
    }),
    author: t.field({
      type: UserRef,
      nullable: true,
      description: 'Who wrote it; of a system message, the user concerned. Null once the account is gone.',
      extensions: sharedRead,
      resolve: messageAuthor,
    }),
    body: t.exposeString('body', {
      description:
        'Markdown as typed, byte for byte, 1 to 4,000 Unicode code points; empty once deleted. It is text by strangers: render it as such.',
      extensions: shared,
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the store took it. Never decreases along a timeline.',
      extensions: shared,
      resolve: ({ at }) => at,
    }),
    editedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the body was last changed; null where it never was.',
      extensions: shared,
      resolve: ({ editedAt }) => editedAt,
    }),
    deletedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When it was deleted: body, mentions and reactions are gone for good, its place in the timeline stays. Null where it was not.',
      extensions: shared,
      resolve: ({ deletedAt }) => deletedAt,
    }),
    cursor: t.string({
      description:
        'Its place in the timeline, to be used in `Room.messages` as `after` or `before`, and in `roomEvents` as `after`.',
      extensions: shared,
      resolve: messageCursor,
    }),
    replyTo: t.field({
      type: MessageRef,
      nullable: true,
      description:
        'The message that this one answers, in the same room; null where it answers none, or one that history no longer keeps.',
      extensions: sharedRead,
      resolve: messageReplyTo,
    }),
    replyCount: t.exposeInt('replyCount', {
      description:
        'How many messages answer this one, deleted ones not counted. A change comes with the event of the answer, not with one of its own.',
      extensions: shared,
    }),
    replies: t.field({
      type: MessageConnection,
      description: 'The messages that answer this one, oldest first, deleted ones included.',
      args: forwardArgs,
      extensions: sharedPage,
      resolve: messageReplies,
    }),
    reactions: t.field({
      type: [ReactionRef],
      description: 'The emoji under the message, in the order of their first use; at most 20 different ones.',
      extensions: shared,
      resolve: messageReactions,
    }),
    mentions: t.field({
      type: [UserRef],
      description: 'The users the body mentions as `@username`, in order of appearance, each once; at most 20.',
      extensions: sharedRead,
      resolve: messageMentions,
    }),
    idempotencyKey: t.exposeString('idempotencyKey', {
      nullable: true,
      description:
        'The key it was sent with, so that the sender’s client knows its own pending message again; null where there was none.',
      extensions: shared,
    }),
  }),
});

ReactionRef.implement({
  description: 'One emoji under a message, and who put it there.',
  fields: (t) => ({
    emoji: t.string({
      description: 'The emoji: one, as Unicode recommends it for interchange.',
      extensions: shared,
      resolve: ({ reaction }) => reaction.emoji,
    }),
    count: t.int({ description: 'How many users reacted so.', extensions: shared, resolve: ({ reaction }) => reaction.count }),
    users: t.field({
      type: [UserRef],
      description: 'Who reacted so, the first to react first.',
      args: {
        first: t.arg.int({
          description:
            'How many users to return: 1 to 100 unless the server is set otherwise; 10 where not given. Out of range: BAD_USER_INPUT.',
        }),
      },
      extensions: { ...sharedRead, page: 10 },
      resolve: reactionUsers,
    }),
    viewerReacted: t.boolean({
      description: 'Whether the viewer is among them.',
      extensions: personalRead,
      resolve: reactionViewerReacted,
    }),
  }),
});
