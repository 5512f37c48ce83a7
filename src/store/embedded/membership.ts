import type { MemberRole, Membership, Receipt } from '../../domain/room.ts';
import type { Embedded } from './database.ts';
import type { RoomStep } from './room-step.ts';
import { behind, type MemberRecord, type RoomRecord, under } from './tables.ts';

/** Makes the user a member, with an event where `joined` is its text. */
export function admit(
  { tables }: Embedded,
  room: RoomStep,
  { userId, role, joined }: { readonly userId: string; readonly role: MemberRole; readonly joined: string | null },
): MemberRecord {
  const order = room.record.joins + 1;
  const entry =
    joined === null
      ? null
      : room.append({ kind: 'MEMBER_JOINED', authorId: userId, body: joined, role: role === 'MEMBER' ? null : role });
  const member: MemberRecord = {
    role,
    joinedAt: entry?.at ?? room.record.createdAt,
    order,
    receipt: entry ? receiptAt(entry, entry.at) : { number: 0, ordinal: 0, messageAt: 0, readAt: 0 },
  };
  room.set({ joins: order, memberCount: room.record.memberCount + 1 });
  tables.members.putSync([room.roomId, userId], member);
  tables.joins.putSync([room.roomId, order], userId);
  tables.roles.putSync([room.roomId, role, order], userId);
  return member;
}

/** Ends a membership, without an event. */
export function dismiss({ tables }: Embedded, room: RoomStep, userId: string, { role, order }: MemberRecord): void {
  tables.members.removeSync([room.roomId, userId]);
  tables.joins.removeSync([room.roomId, order]);
  tables.roles.removeSync([room.roomId, role, order]);
  room.set({ memberCount: room.record.memberCount - 1 });
}

/** Gives a member another role, without an event. */
export function promote(
  { tables }: Embedded,
  roomId: string,
  userId: string,
  member: MemberRecord,
  role: MemberRole,
): MemberRecord {
  const changed = { ...member, role };
  tables.roles.removeSync([roomId, member.role, member.order]);
  tables.roles.putSync([roomId, role, member.order], userId);
  tables.members.putSync([roomId, userId], changed);
  return changed;
}

/** The longest-standing member with that role; undefined where there is none. */
export function eldest({ tables }: Embedded, roomId: string, role: MemberRole): string | undefined {
  for (const { value } of tables.roles.getRange({ ...under(roomId, role), limit: 1 })) return value;
  return undefined;
}

/** The receipt of one who has read as far as that entry. */
export const receiptAt = (entry: { number: number; ordinal: number; at: number }, readAt: number): Receipt => ({
  number: entry.number,
  ordinal: entry.ordinal,
  messageAt: entry.at,
  readAt,
});

/** The membership as the port shows it. */
export const toMembership = (
  store: Pick<Embedded, 'tables'>,
  roomId: string,
  room: RoomRecord,
  userId: string,
  { role, joinedAt, receipt }: MemberRecord,
): Membership => ({ roomId, userId, role, joinedAt, receipt, unreadCount: unreadAfter(store, roomId, room, receipt) });

/** P11: what was sent since the receipt and is kept, less what of it was deleted. */
function unreadAfter({ tables }: Pick<Embedded, 'tables'>, roomId: string, room: RoomRecord, receipt: Receipt): number {
  const sent = room.ordinal - Math.max(receipt.ordinal, room.floorOrdinal);
  if (sent <= 0 || room.tombstones === 0) return Math.max(0, sent);
  return sent - tables.tombstones.getKeysCount(behind([roomId], receipt.number));
}
