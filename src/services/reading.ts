import { badInput, notFound } from '../domain/errors.ts';
import { isRoomId } from '../domain/ids.ts';
import type { Membership, Room } from '../domain/room.ts';
import type { Deps } from './deps.ts';
import type { Loaders } from './loaders.ts';
import { refIn } from './messages.ts';
import { type ForwardArgs, type Page, pageOf, pageSize } from './page.ts';
import { type MaybePrincipal, requireSignedIn } from './principal.ts';
import { spend } from './rates.ts';

/** What the viewer has read, and what waits to be. */
export interface Reading {
  /** The viewer's memberships, the room active last first. Throws BAD_USER_INPUT ("first", "after"). */
  memberships(viewer: MaybePrincipal, loaders: Loaders, args: ForwardArgs): Promise<Page<Membership>>;
  /** Unread messages over all the viewer's rooms. */
  unreadTotal(viewer: MaybePrincipal, loaders: Loaders): Promise<number>;
  /**
   * Moves the viewer's receipt to that message if that is forward, else leaves it. Throws NOT_FOUND (message, or a room the viewer may not
   * know of), FORBIDDEN (a public room not joined), RATE_LIMITED.
   */
  markRead(viewer: MaybePrincipal, input: { readonly roomId: string; readonly messageId: string }): Promise<Membership>;
}

/** A membership with what its place in the viewer's list hangs on. */
interface Placed {
  readonly node: Membership;
  readonly activeAt: number;
}

const CURSOR = /^([0-9a-z]{1,9})-((?:r[0-9a-z]{15}|d[0-9a-z]{30}))$/;
const cursorOf = ({ node, activeAt }: Placed): string => `${activeAt.toString(36)}-${node.roomId}`;

/** The room active last first; of equals, by id, so that every two have an order. */
const compare = (a: { activeAt: number; roomId: string }, b: { activeAt: number; roomId: string }): number =>
  b.activeAt - a.activeAt || (a.roomId < b.roomId ? -1 : a.roomId > b.roomId ? 1 : 0);

/** @param deps store and settings */
export function createReading(deps: Deps): Reading {
  const { store, config } = deps;

  /** The list may name a room too many; the memberships decide, and what is wrong is dropped. */
  async function joined(userId: string, loaders: Loaders): Promise<readonly Membership[]> {
    const roomIds = await loaders.joined.load(userId);
    const found = await Promise.all(roomIds.map((roomId) => loaders.membership.load({ roomId, userId })));
    const gone = roomIds.filter((_, index) => found[index] === null);
    if (gone.length > 0) await store.joinedRooms.drop(userId, gone);
    return found.filter((membership) => membership !== null);
  }

  async function placed(memberships: readonly Membership[], loaders: Loaders): Promise<Placed[]> {
    const rooms = await Promise.all(memberships.map(({ roomId }) => loaders.room.load(roomId)));
    const activeAt = (room: Room | null | undefined) => room?.activeAt ?? 0;
    const all = memberships.map((node, index) => ({ node, activeAt: activeAt(rooms[index]), roomId: node.roomId }));
    return all.sort(compare);
  }

  return {
    async memberships(viewer, loaders, args) {
      const { userId } = requireSignedIn(viewer);
      const limit = pageSize('first', args.first, config.limits.page);
      const after = parseAfter(args.after);
      const all = await placed(await joined(userId, loaders), loaders);
      const rest = after === null ? all : all.filter((each) => compare({ ...each, roomId: each.node.roomId }, after) > 0);
      const edges = rest.slice(0, limit).map((each) => ({ node: each.node, cursor: cursorOf(each) }));
      return pageOf(edges, { hasNextPage: rest.length > limit, hasPreviousPage: after !== null });
    },

    async unreadTotal(viewer, loaders) {
      const { userId } = requireSignedIn(viewer);
      return (await joined(userId, loaders)).reduce((total, { unreadCount }) => total + unreadCount, 0);
    },

    async markRead(viewer, { roomId, messageId }) {
      const { userId } = requireSignedIn(viewer);
      if (!isRoomId(roomId)) throw notFound('room');
      const { number, at } = refIn(roomId, messageId);
      await spend(store.rates, `read:${userId}`, config.rates.read);
      return store.memberships.markRead({ roomId, userId, number, at });
    },
  };
}

function parseAfter(after: string | null | undefined): { readonly activeAt: number; readonly roomId: string } | null {
  if (after === null || after === undefined) return null;
  const match = CURSOR.exec(after);
  if (!match) throw badInput('after', 'Not a cursor of this list.');
  return { activeAt: Number.parseInt(match[1] ?? '', 36), roomId: match[2] ?? '' };
}
