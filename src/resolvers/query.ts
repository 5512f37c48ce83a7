import type { Context } from '../context.ts';
import { unauthenticated } from '../domain/errors.ts';
import type { SearchArgs } from '../services/listing.ts';
import type { NodeValue } from '../services/nodes.ts';
import type { ForwardArgs } from '../services/page.ts';
import type { Membership, NodeBacking, Page, RoomHandle, UserBacking, ViewerBacking } from './backing.ts';

function backingOf(node: NodeValue): NodeBacking {
  if (node.type === 'user') return node.user;
  return node.type === 'room' ? { id: node.id } : node.message;
}

/** `Query.node`. */
export async function findNode(_root: unknown, { id }: { id: string }, context: Context): Promise<NodeBacking | null> {
  const node = await context.services.nodes.load(context.viewer, context.loaders, id);
  return node && backingOf(node);
}

/** `Query.nodes`. */
export async function findNodes(
  _root: unknown,
  { ids }: { ids: readonly string[] },
  context: Context,
): Promise<(NodeBacking | null)[]> {
  const nodes = await context.services.nodes.loadMany(context.viewer, context.loaders, ids);
  return nodes.map((node) => node && backingOf(node));
}

/** The GraphQL type of what has a global id. */
export function nodeType(node: NodeBacking): 'User' | 'Room' | 'Message' {
  if ('username' in node) return 'User';
  return 'body' in node ? 'Message' : 'Room';
}

/** `Query.viewer`. */
export const findViewer = (_root: unknown, _args: object, context: Context): ViewerBacking | null => context.viewer;

/** `Viewer.user`. */
export async function viewerUser(viewer: ViewerBacking, _args: object, context: Context): Promise<UserBacking> {
  const user = await context.loaders.user.load(viewer.userId);
  if (user === null) throw unauthenticated();
  return user;
}

/** `Viewer.memberships`. */
export const viewerMemberships = (_viewer: ViewerBacking, args: ForwardArgs, context: Context): Promise<Page<Membership>> =>
  context.services.reading.memberships(context.viewer, context.loaders, args);

/** `Viewer.unreadCount`. */
export const viewerUnreadCount = (_viewer: ViewerBacking, _args: object, context: Context): Promise<number> =>
  context.services.reading.unreadTotal(context.viewer, context.loaders);

/** `Query.user`. */
export const findUserByName = (
  _root: unknown,
  { username }: { username: string },
  context: Context,
): Promise<UserBacking | null> => context.services.users.byUsername(context.viewer, username);

/** `Query.users`. */
export const searchUsers = (_root: unknown, args: SearchArgs, context: Context): Promise<Page<UserBacking>> =>
  context.services.users.list(context.viewer, context.loaders, args);

/** `Query.room`. */
export const findRoom = (_root: unknown, { id }: { id: string }, context: Context): Promise<RoomHandle | null> =>
  context.services.rooms.find(context.viewer, context.loaders, id).then(handleOf);

/** `Query.rooms`. */
export async function searchRooms(_root: unknown, args: SearchArgs, context: Context): Promise<Page<RoomHandle>> {
  const page = await context.services.rooms.list(context.viewer, context.loaders, args);
  return { ...page, edges: page.edges.map(({ node, cursor }) => ({ node: { id: node.id }, cursor })) };
}

const handleOf = (room: { readonly id: string } | null): RoomHandle | null => room && { id: room.id };
