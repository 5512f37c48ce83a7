import { badInput, DomainError, notFound } from '../../domain/errors.ts';
import type { MemberRole } from '../../domain/room.ts';
import type { Memberships } from '../../ports/memberships.ts';
import type { Embedded } from './database.ts';
import { admit, dismiss, eldest, promote, receiptAt, toMembership } from './membership.ts';
import { beginRoomStep, type RoomStep, requireGuards, requireMember, requireMessage, requireRoom } from './room-step.ts';
import { behind } from './tables.ts';

export function createMemberships(store: Embedded): Memberships {
  return { ...createComings(store), ...createReads(store), ...createReceipts(store) };
}

function createComings(store: Embedded): Pick<Memberships, 'join' | 'leave' | 'setRole'> {
  const { tables } = store;
  return {
    join: ({ roomId, userId, role, body, guard, keep }) =>
      store.write((step) => {
        const room = beginRoomStep(store, step, roomId, requireRoom(store, roomId));
        requireGuards(store, roomId, guard);
        const existing = tables.members.get([roomId, userId]);
        if (existing) return { membership: toMembership(store, roomId, room.record, userId, existing), joined: false };
        const owned = eldest(store, roomId, 'OWNER') !== undefined;
        const member = admit(store, room, { userId, role: owned ? role : 'OWNER', joined: body });
        room.trim(keep);
        room.save();
        return { membership: toMembership(store, roomId, room.record, userId, member), joined: true };
      }),

    leave: ({ roomId, userId, body, heirBody, guard, keep }) =>
      store.write((step) => {
        const room = beginRoomStep(store, step, roomId, requireRoom(store, roomId));
        requireGuards(store, roomId, guard);
        const member = tables.members.get([roomId, userId]);
        if (!member) return { left: false };
        dismiss(store, room, userId, member);
        room.append({ kind: 'MEMBER_LEFT', authorId: userId, body });
        handOver(store, room, heirBody);
        room.trim(keep);
        room.save();
        return { left: true };
      }),

    setRole: ({ roomId, userId, role, body, guard, keep }) =>
      store.write((step) => {
        const room = beginRoomStep(store, step, roomId, requireRoom(store, roomId));
        requireGuards(store, roomId, guard);
        const member = tables.members.get([roomId, userId]);
        if (!member) throw notFound('member');
        if (member.role === role) return toMembership(store, roomId, room.record, userId, member);
        // Where this throws, the promotion is not kept: the step is one transaction.
        const changed = promote(store, roomId, userId, member, role);
        if (eldest(store, roomId, 'OWNER') === undefined) throw new DomainError('CONFLICT', 'A room must have an owner.');
        room.append({ kind: 'ROOM_UPDATED', authorId: userId, body, role });
        room.trim(keep);
        room.save();
        return toMembership(store, roomId, room.record, userId, changed);
      }),
  };
}

const HEIRS: readonly MemberRole[] = ['MODERATOR', 'MEMBER'];

/** Gives a room that has lost its last owner a new one. */
function handOver(store: Embedded, room: RoomStep, body: string): void {
  const { roomId } = room;
  if (eldest(store, roomId, 'OWNER') !== undefined) return;
  const heir = HEIRS.map((role) => eldest(store, roomId, role)).find((userId) => userId !== undefined);
  const member = heir === undefined ? undefined : store.tables.members.get([roomId, heir]);
  if (heir === undefined || !member) return;
  promote(store, roomId, heir, member, 'OWNER');
  room.append({ kind: 'ROOM_UPDATED', authorId: heir, body, role: 'OWNER' });
}

function createReads(store: Embedded): Pick<Memberships, 'get' | 'list' | 'standing'> {
  const { tables } = store;

  const find = (roomId: string, userId: string) => {
    const room = tables.rooms.get(roomId);
    const member = tables.members.get([roomId, userId]);
    return room && member ? toMembership(store, roomId, room, userId, member) : null;
  };

  return {
    get: (pairs) => store.read(() => pairs.map(({ roomId, userId }) => find(roomId, userId))),

    list: (roomId, { after, limit }) =>
      store.read(() => {
        const rows = [...tables.joins.getRange({ ...behind([roomId], parseOrder(after)), limit: limit + 1 })];
        const members = rows.slice(0, limit).flatMap(({ key, value }) => {
          const membership = find(roomId, value);
          return membership ? [{ membership, cursor: String(key[1]) }] : [];
        });
        return { members, hasMore: rows.length > limit };
      }),

    standing: (roomId, userIds) =>
      store.read(() => {
        const room = tables.rooms.get(roomId);
        if (!room) return null;
        const roles = userIds.map((userId) => tables.members.get([roomId, userId])?.role ?? null);
        return { kind: room.kind, position: { epoch: room.epoch, number: room.head }, roles };
      }),
  };
}

function parseOrder(cursor: string | null): number {
  if (cursor === null) return 0;
  if (!/^[1-9]\d{0,14}$/.test(cursor)) throw badInput('after', 'Is no cursor of this list.');
  return Number(cursor);
}

function createReceipts(store: Embedded): Pick<Memberships, 'markRead' | 'typing'> {
  const { tables } = store;
  return {
    markRead: ({ roomId, userId, number, at }) =>
      store.write((step) => {
        const { room, member } = requireMember(store, roomId, userId);
        const message = requireMessage(store, roomId, { number, at });
        if (number <= member.receipt.number) return toMembership(store, roomId, room, userId, member);
        const receipt = receiptAt(message, step.now);
        const moved = { ...member, receipt };
        tables.members.putSync([roomId, userId], moved);
        step.publish(roomId, { type: 'receipt-moved', userId, receipt });
        return toMembership(store, roomId, room, userId, moved);
      }),

    typing: ({ roomId, userId, ttlMs }) =>
      store.read(() => {
        requireMember(store, roomId, userId);
        const expiresAt = store.now() + ttlMs;
        store.outlet.publish(roomId, { type: 'typing', userId, expiresAt });
        return expiresAt;
      }),
  };
}
