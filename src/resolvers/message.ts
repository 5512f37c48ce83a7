import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../context.ts';
import { notFound } from '../domain/errors.ts';
import { messageId } from '../domain/ids.ts';
import { entryCursor } from '../domain/position.ts';
import type { Membership } from '../domain/room.ts';
import type { ForwardArgs } from '../services/page.ts';
import type { MessageBacking, Page, ReactionBacking, UserBacking } from './backing.ts';
import { requireStillReadable } from './reading-rights.ts';
import { findUser, findUsers } from './user.ts';

/** `Message.author`. */
export const messageAuthor = (message: MessageBacking, _args: object, context: Context) =>
  findUser(context, message.authorId, message.roomId);

/** `Message.mentions`. */
export const messageMentions = (message: MessageBacking, _args: object, context: Context) =>
  findUsers(context, message.mentions, message.roomId);

/** `Message.cursor`: asks where the room stands only where the way to the message has not told it. */
export const messageCursor = (message: MessageBacking, _args: object, context: Context): string | Promise<string> =>
  message.seenAt ? entryCursor(message.seenAt, message) : readCursor(message, context);

async function readCursor(message: MessageBacking, context: Context): Promise<string> {
  const room = await context.loaders.room.load(message.roomId);
  if (room === null) throw notFound('room');
  return entryCursor(room.position, message);
}

/** `Message.replyTo`. */
export const messageReplyTo = (
  message: MessageBacking,
  _args: object,
  context: Context,
  info: GraphQLResolveInfo,
): MessageBacking | null | Promise<MessageBacking | null> =>
  message.replyTo === null ? null : readReplyTo(message, message.replyTo, context, info);

async function readReplyTo(
  { roomId }: MessageBacking,
  number: number,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<MessageBacking | null> {
  await requireStillReadable(roomId, context, info);
  return context.loaders.message.load({ roomId, number });
}

/** `Message.replies`. */
export async function messageReplies(
  message: MessageBacking,
  args: ForwardArgs,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Page<MessageBacking>> {
  await requireStillReadable(message.roomId, context, info);
  return context.services.messages.replies(context.loaders, message, args);
}

/** `Message.reactions`. */
export const messageReactions = (message: MessageBacking): ReactionBacking[] =>
  message.reactions.map((reaction) => ({ message, reaction }));

/** `Reaction.users`. */
export async function reactionUsers(
  { message, reaction }: ReactionBacking,
  args: { readonly first?: number | null | undefined },
  context: Context,
  info: GraphQLResolveInfo,
): Promise<UserBacking[]> {
  const { count, firstUserIds } = reaction;
  // Those that did not come with the message are read now.
  if (count > firstUserIds.length && (args.first ?? 0) > firstUserIds.length)
    await requireStillReadable(message.roomId, context, info);
  const ids = await context.services.messages.reactors(message, reaction.emoji, args.first);
  return findUsers(context, ids, message.roomId);
}

/** `Reaction.viewerReacted`. */
export const reactionViewerReacted = async (
  { message, reaction }: ReactionBacking,
  _args: object,
  context: Context,
): Promise<boolean> =>
  context.viewer !== null && context.services.messages.hasReacted(message, reaction.emoji, context.viewer.userId);

/** `Membership.lastReadMessageId`. */
export const lastReadMessageId = ({ roomId, receipt }: Membership): string | null =>
  receipt.number === 0 ? null : messageId({ roomId, number: receipt.number, at: receipt.messageAt });
