import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../context.ts';
import { notFound } from '../domain/errors.ts';
import { toCursor } from '../domain/position.ts';
import type { Room } from '../domain/room.ts';
import type { SearchArgs } from '../services/listing.ts';
import type { PageArgs } from '../services/page.ts';
import type { Membership, MessageBacking, Page, RoomHandle } from './backing.ts';
import { requireStillReadable } from './reading-rights.ts';

async function stateOf(room: RoomHandle, context: Context, info: GraphQLResolveInfo): Promise<Room> {
  if (room.last) return room.last;
  const [state] = await Promise.all([context.loaders.room.load(room.id), requireStillReadable(room.id, context, info)]);
  if (state === null) throw notFound('room');
  return state;
}

/** A resolver for a field that is told by the room's state. */
export const roomField =
  <T>(pick: (room: Room) => T) =>
  async (room: RoomHandle, _args: object, context: Context, info: GraphQLResolveInfo): Promise<T> =>
    pick(await stateOf(room, context, info));

/** `Room.cursor`. */
export const roomCursor = roomField((room) => toCursor(room.position));

/**
 * What lies in a room is not shown to one who has just left it. The room's state is read first: the cursor beside a page must not be younger than the page,
 * or one who goes on from it misses what came in between.
 */
async function requireInside(room: RoomHandle, context: Context, info: GraphQLResolveInfo): Promise<void> {
  if (room.last) throw notFound('room');
  await Promise.all([context.loaders.room.load(room.id), requireStillReadable(room.id, context, info)]);
}

/** `Room.members`. */
export async function roomMembers(
  room: RoomHandle,
  args: SearchArgs,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Page<Membership>> {
  await requireInside(room, context, info);
  return context.services.members.list(room.id, args);
}

/** `Room.messages`. */
export async function roomMessages(
  room: RoomHandle,
  args: PageArgs,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Page<MessageBacking>> {
  await requireInside(room, context, info);
  return context.services.messages.page(context.loaders, room.id, args);
}

/** `Room.lastMessage`. */
export async function roomLastMessage(
  room: RoomHandle,
  _args: object,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<MessageBacking | null> {
  await requireInside(room, context, info);
  return context.loaders.newest.load(room.id);
}

/** `Room.viewerMembership`. */
export const roomViewerMembership = async (room: RoomHandle, _args: object, context: Context): Promise<Membership | null> =>
  context.viewer && context.loaders.membership.load({ roomId: room.id, userId: context.viewer.userId });
