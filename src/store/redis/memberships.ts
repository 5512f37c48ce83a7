import { badInput, notFound } from '../../domain/errors.ts';
import type { Membership } from '../../domain/room.ts';
import type { Memberships } from '../../ports/memberships.ts';
import { decodeMembership, decodeRole, decodeRoomKind } from './codec.ts';
import type { Parts } from './parts.ts';
import { asNumber, asText, rows } from './reply.ts';

/** Memberships: {room:ID}:members in join order, :roles, :reads. */
export const createMemberships = (parts: Parts): Memberships => ({ ...createChanges(parts), ...createReads(parts) });

function createChanges({ scripts }: Parts): Pick<Memberships, 'join' | 'leave' | 'setRole' | 'markRead' | 'typing'> {
  return {
    async join(input) {
      const [joined, ...membership] = await scripts.joinRoom(input);
      return { membership: required(input, membership), joined: joined === 1 };
    },
    async leave(input) {
      const [left] = await scripts.leaveRoom(input);
      return { left: left === 1 };
    },
    setRole: async (input) => required(input, await scripts.setRole(input)),
    markRead: async (input) => required(input, await scripts.markRead(input)),
    async typing(input) {
      const [expiresAt] = await scripts.typing(input);
      return asNumber(expiresAt);
    },
  };
}

function required(
  { roomId, userId }: { readonly roomId: string; readonly userId: string },
  fields: readonly unknown[],
): Membership {
  const membership = decodeMembership(roomId, userId, fields);
  if (!membership) throw notFound('member');
  return membership;
}

function createReads({ scripts }: Parts): Pick<Memberships, 'get' | 'list' | 'standing'> {
  async function ofRoom(roomId: string, userIds: readonly string[]): Promise<readonly (Membership | null)[]> {
    const found = rows(await scripts.readMemberships(roomId, userIds), 3);
    return userIds.map((userId, index) => decodeMembership(roomId, userId, found[index] ?? ['']));
  }

  return {
    async get(pairs) {
      // One call for each room, all under way together: the answers come back in one round trip.
      const wanted = new Map<string, string[]>();
      for (const { roomId, userId } of pairs) wanted.set(roomId, [...(wanted.get(roomId) ?? []), userId]);
      const found = new Map<string, (Membership | null)[]>();
      await Promise.all([...wanted].map(async ([roomId, userIds]) => found.set(roomId, [...(await ofRoom(roomId, userIds))])));
      return pairs.map(({ roomId }) => found.get(roomId)?.shift() ?? null);
    },

    async list(roomId, { after, limit }) {
      const found = rows(await scripts.listMembers(roomId, parsePlace(after), limit + 1), 5);
      const members = found.slice(0, limit).flatMap(([userId, place, ...fields]) => {
        const membership = decodeMembership(roomId, asText(userId), fields);
        return membership ? [{ membership, cursor: String(asNumber(place)) }] : [];
      });
      return { members, hasMore: found.length > limit };
    },

    async standing(roomId, userIds) {
      const [kind, epoch, number, ...roles] = await scripts.standing(roomId, userIds);
      if (kind === undefined) return null;
      return {
        kind: decodeRoomKind(kind),
        position: { epoch: asText(epoch), number: asNumber(number) },
        roles: roles.map(decodeRole),
      };
    },
  };
}

function parsePlace(cursor: string | null): number {
  if (cursor === null) return 0;
  if (!/^[1-9]\d{0,14}$/.test(cursor)) throw badInput('after', 'Is no cursor of this list.');
  return Number(cursor);
}
