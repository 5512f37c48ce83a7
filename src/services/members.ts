import { notFound, StaleGuardError } from '../domain/errors.ts';
import { isUserId } from '../domain/ids.ts';
import type { MemberRole, Membership, Room } from '../domain/room.ts';
import type { Guard } from '../ports/guard.ts';
import { admit, dismiss } from './admission.ts';
import { type Deps, keepOf } from './deps.ts';
import { parseSearch, type SearchArgs } from './listing.ts';
import { type Page, pageOf, pageSize } from './page.ts';
import { requireAdder, requireJoiner, requireLeaver, requireRemover, requireRoleGiver } from './policy.ts';
import { type MaybePrincipal, type Principal, requireSignedIn } from './principal.ts';
import { spend } from './rates.ts';
import { retryWhenStale } from './retry.ts';
import { placeOf, placeOfBoth } from './standing.ts';
import { words } from './words.ts';

/** How many users one page of a search for members looks at. */
export const LOOKED_AT = 500;
/** How many of them at once. */
const LOOKED_AT_ONCE = 100;

/** A room and a user in it. */
export interface MemberInput {
  readonly roomId: string;
  readonly userId: string;
}

/**
 * Who belongs to which room. All throw UNAUTHENTICATED when signed out, NOT_FOUND for a room the viewer may not know of, and the changing ones
 * RATE_LIMITED.
 */
export interface Members {
  /**
   * Members in join order; with `search` those with a word of either name that starts so, by that word. No permission is asked: the room comes
   * from an entry point that did. A search looks at no more than {@link LOOKED_AT} users whose name starts so, whatever the size of the room: a page
   * may come out short, even empty, and yet not be the last. Throws BAD_USER_INPUT ("search", "first", "after").
   */
  list(roomId: string, args: SearchArgs): Promise<Page<Membership>>;
  /** Joins a public room; for a member nothing happens. Throws CONFLICT where the viewer has too many rooms. */
  join(viewer: MaybePrincipal, roomId: string): Promise<Membership>;
  /** Leaves; returns the room as the viewer last saw it. FORBIDDEN for a direct room, and for a public one of which the viewer is no member. */
  leave(viewer: MaybePrincipal, roomId: string): Promise<Room>;
  /** Adds a user; for a member nothing happens. FORBIDDEN for a direct room and for those who are no members. CONFLICT where the user has too many rooms. */
  add(viewer: MaybePrincipal, input: MemberInput): Promise<Membership>;
  /** Removes someone else. FORBIDDEN unless owner, or moderator removing a plain member. */
  remove(viewer: MaybePrincipal, input: MemberInput): Promise<void>;
  /** Gives a member another role. Owners only. CONFLICT where the room would be left without an owner. */
  setRole(viewer: MaybePrincipal, input: MemberInput & { readonly role: MemberRole }): Promise<Membership>;
}

/** @param deps store and settings */
export function createMembers(deps: Deps): Members {
  const { store, config } = deps;

  async function begin(viewer: MaybePrincipal): Promise<Principal> {
    const principal = requireSignedIn(viewer);
    await spend(store.rates, `write:${principal.userId}`, config.rates.write);
    return principal;
  }

  async function existing(key: MemberInput): Promise<Membership> {
    const [membership] = await store.memberships.get([key]);
    // Removed since it was judged: judge again.
    if (!membership) throw new StaleGuardError();
    return membership;
  }

  async function join(userId: string, roomId: string): Promise<Membership> {
    const place = requireJoiner(await placeOf(store, roomId, userId));
    if (place.role !== null) {
      // Should the user's list lack the room (restored from different moments), this puts it back.
      await store.joinedRooms.expect(userId, roomId, config.limits.roomsPerUser);
      return existing({ roomId, userId });
    }
    return admit(deps, { roomId, userId, body: words.joined, guard: [] });
  }

  async function add(viewer: Principal, { roomId, userId }: MemberInput): Promise<Membership> {
    const { place, targetRole } = await placeOfBoth(store, roomId, viewer.userId, userId);
    const role = requireAdder(place);
    if (targetRole !== null) return existing({ roomId, userId });
    const [user = null] = isUserId(userId) ? await store.accounts.get([userId]) : [];
    if (user === null) throw notFound('user');
    return admit(deps, { roomId, userId, body: words.addedBy(viewer.displayName), guard: [{ userId: viewer.userId, role }] });
  }

  async function remove(viewer: Principal, { roomId, userId }: MemberInput): Promise<void> {
    const { place, targetRole } = await placeOfBoth(store, roomId, viewer.userId, userId);
    const roles = requireRemover(place, { role: targetRole, self: userId === viewer.userId });
    await dismiss(deps, {
      roomId,
      userId,
      body: words.removedBy(viewer.displayName),
      guard: guardOf(viewer.userId, userId, roles),
    });
  }

  async function setRole(
    viewer: Principal,
    { roomId, userId, role }: MemberInput & { readonly role: MemberRole },
  ): Promise<Membership> {
    const { place, targetRole } = await placeOfBoth(store, roomId, viewer.userId, userId);
    const roles = requireRoleGiver(place, targetRole);
    return store.memberships.setRole({
      roomId,
      userId,
      role,
      body: words.role(role),
      guard: guardOf(viewer.userId, userId, roles),
      keep: keepOf(config, roomId),
    });
  }

  async function found(roomId: string, search: string, from: string | null, limit: number): Promise<Page<Membership>> {
    const picked: { readonly userId: string; readonly cursor: string }[] = [];
    let after = from;
    let hasNextPage = true;
    for (let looked = 0; hasNextPage && picked.length < limit && looked < LOOKED_AT; looked += LOOKED_AT_ONCE) {
      const { entries, hasMore } = await store.directory.list('users', { search, after, limit: LOOKED_AT_ONCE });
      // Roles are read for less than whole memberships.
      const standing = await store.memberships.standing(
        roomId,
        entries.map(({ id }) => id),
      );
      const members = entries.filter((_, at) => (standing?.roles[at] ?? null) !== null).slice(0, limit - picked.length);
      picked.push(...members.map(({ id, cursor }) => ({ userId: id, cursor })));
      const last = picked.length < limit ? entries.at(-1) : members.at(-1);
      after = last?.cursor ?? after;
      hasNextPage = hasMore || last !== entries.at(-1);
    }
    const memberships = await store.memberships.get(picked.map(({ userId }) => ({ roomId, userId })));
    const edges = picked.flatMap(({ cursor }, at) => {
      const node = memberships[at];
      return node ? [{ node, cursor }] : [];
    });
    return pageOf(edges, { hasNextPage, hasPreviousPage: from !== null, end: after });
  }

  return {
    async list(roomId, args) {
      const search = parseSearch(args.search);
      const after = args.after ?? null;
      const limit = pageSize('first', args.first, config.limits.page);
      if (search !== null) return found(roomId, search, after, limit);
      const { members, hasMore } = await store.memberships.list(roomId, { after, limit });
      const edges = members.map(({ membership, cursor }) => ({ node: membership, cursor }));
      return pageOf(edges, { hasNextPage: hasMore, hasPreviousPage: after !== null });
    },

    async join(viewer, roomId) {
      const { userId } = await begin(viewer);
      return retryWhenStale(() => join(userId, roomId));
    },

    async leave(viewer, roomId) {
      const { userId } = await begin(viewer);
      requireLeaver(await placeOf(store, roomId, userId));
      const [room] = await store.rooms.get([roomId]);
      if (!room) throw notFound('room');
      await dismiss(deps, { roomId, userId, body: words.left, guard: [] });
      return room;
    },

    async add(viewer, input) {
      const principal = await begin(viewer);
      return retryWhenStale(() => add(principal, input));
    },

    async remove(viewer, input) {
      const principal = await begin(viewer);
      await retryWhenStale(() => remove(principal, input));
    },

    async setRole(viewer, input) {
      const principal = await begin(viewer);
      return retryWhenStale(() => setRole(principal, input));
    },
  };
}

/** The two roles a deed was judged on; one entry where someone does it to oneself. */
function guardOf(
  userId: string,
  targetId: string,
  { role, targetRole }: { readonly role: MemberRole; readonly targetRole: MemberRole },
): readonly Guard[] {
  const actor = { userId, role };
  return targetId === userId ? [actor] : [actor, { userId: targetId, role: targetRole }];
}
