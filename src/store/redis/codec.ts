import type { Message, Reaction } from '../../domain/message.ts';
import type { MemberRole, Membership, Receipt, Room, RoomKind } from '../../domain/room.ts';
import { packKey, unpackKey } from './key-packing.ts';
import { asNumber, asText, asTextOrNull, UnreadableError } from './reply.ts';

/*
 * What is stored, and what it means. A timeline entry is a JSON array, short because a room has many of them:
 *   [number, kind, author, at, ordinal, body, extra?]
 * with an index into KINDS and, in `extra`, only what applies: e editedAt, d deletedAt, r replyTo, c replyCount, m mentions,
 * k, u or h idempotencyKey (see key-packing.ts), x reactions [[emoji, count, [first users]]], v number of the latest change, o role.
 */

const KINDS = ['TEXT', 'MEMBER_JOINED', 'MEMBER_LEFT', 'ROOM_UPDATED'] as const;
const ROLES: readonly MemberRole[] = ['OWNER', 'MODERATOR', 'MEMBER'];
const ROOM_KINDS: readonly RoomKind[] = ['PUBLIC', 'PRIVATE', 'DIRECT'];

type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = {};
// The same for all who have none: windows hold many messages.
const NOBODY: readonly never[] = Object.freeze([]);

/** Whether the value is a whole number from 0. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Whether the value is an object that is no list. */
export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string';

/** The value of a JSON text; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The message a stored entry stands for; null where it cannot be read. Never throws. */
export function decodeEntry(roomId: string, text: string): Message | null {
  return toMessage(roomId, parseJson(text));
}

/** As {@link decodeEntry}, of parsed JSON. */
export function toMessage(roomId: string, entry: unknown): Message | null {
  if (!Array.isArray(entry)) return null;
  const [number, kindIndex, authorId, at, ordinal, body, extra = NOTHING]: unknown[] = entry;
  const kind = isCount(kindIndex) ? KINDS[kindIndex] : undefined;
  if (!isCount(number) || number === 0 || !kind || !isText(authorId) || !isCount(at) || !isCount(ordinal)) return null;
  if (!isText(body) || !isFields(extra)) return null;
  const { e, d, r, c, m, x, v, o } = extra;
  const idempotencyKey = unpackKey(extra);
  const reactions = toReactions(x);
  if (![e, d, r, c, v].every((count) => count === undefined || isCount(count)) || !reactions) return null;
  if (!isTexts(m) || idempotencyKey === undefined || !(o === undefined || isRole(o))) return null;
  return {
    roomId,
    number,
    at,
    kind,
    authorId,
    body,
    ordinal,
    changed: isCount(v) ? v : number,
    editedAt: isCount(e) ? e : null,
    deletedAt: isCount(d) ? d : null,
    replyTo: isCount(r) ? r : null,
    replyCount: isCount(c) ? c : 0,
    reactions,
    mentions: m ?? NOBODY,
    idempotencyKey,
    role: o ?? null,
  };
}

const isRole = (value: unknown): value is MemberRole => ROLES.some((role) => role === value);

const isTexts = (value: unknown): value is readonly string[] | undefined =>
  value === undefined || (Array.isArray(value) && value.every(isText));

function toReactions(value: unknown): readonly Reaction[] | null {
  if (value === undefined) return NOBODY;
  if (!Array.isArray(value)) return null;
  const reactions = value.flatMap((each: unknown) => {
    const [emoji, count, firstUserIds]: unknown[] = Array.isArray(each) ? each : [];
    return isText(emoji) && isCount(count) && isTexts(firstUserIds) && firstUserIds ? [{ emoji, count, firstUserIds }] : [];
  });
  return reactions.length === value.length ? reactions : null;
}

/** The `extra` of a new message as JSON text; '' where there is none. */
export function encodeExtra(extra: {
  readonly replyTo: number | null;
  readonly mentions: readonly string[];
  readonly idempotencyKey: string | null;
}): string {
  const { replyTo, mentions, idempotencyKey } = extra;
  if (replyTo === null && mentions.length === 0 && idempotencyKey === null) return '';
  const fields = {
    ...(replyTo !== null && { r: replyTo }),
    ...(mentions.length > 0 && { m: mentions }),
    ...(idempotencyKey !== null && packKey(idempotencyKey)),
  };
  return JSON.stringify(fields);
}

/** The fields of a room that {@link decodeRoom} reads, in its order. */
export const ROOM_FIELDS = ['kind', 'name', 'topic', 'createdAt', 'members', 'epoch', 'number', 'activeAt'] as const;

/** The room that these fields tell of; null where there is none. */
export function decodeRoom(id: string, fields: readonly unknown[]): Room | null {
  const [kind, name, topic, createdAt, members, epoch, number, activeAt] = fields;
  if (kind === null) return null;
  return {
    id,
    kind: decodeRoomKind(kind),
    name: asTextOrNull(name),
    topic: asTextOrNull(topic),
    createdAt: asNumber(createdAt),
    memberCount: asNumber(members),
    position: { epoch: asText(epoch), number: asNumber(number) },
    activeAt: asNumber(activeAt),
  };
}

/** The kind of a room. */
export function decodeRoomKind(value: unknown): RoomKind {
  const kind = ROOM_KINDS.find((each) => each === value);
  if (!kind) throw new UnreadableError(`A room of unknown kind: ${String(value)}`);
  return kind;
}

/** A role; null where the text is ''. */
export function decodeRole(value: unknown): MemberRole | null {
  if (value === '') return null;
  if (!isRole(value)) throw new UnreadableError(`An unknown role: ${String(value)}`);
  return value;
}

/** The membership made of "ROLE joinedAt", "number ordinal messageAt readAt" and an unread count; null where the first is ''. */
export function decodeMembership(
  roomId: string,
  userId: string,
  [member, receipt, unread]: readonly unknown[],
): Membership | null {
  const [role, joinedAt] = asText(member).split(' ');
  const decoded = decodeRole(role);
  if (!decoded) return null;
  return {
    roomId,
    userId,
    role: decoded,
    joinedAt: asNumber(joinedAt),
    receipt: decodeReceipt(asText(receipt)),
    unreadCount: asNumber(unread),
  };
}

function decodeReceipt(text: string): Receipt {
  const [number, ordinal, messageAt, readAt] = text.split(' ').map(asNumber);
  return { number: number ?? 0, ordinal: ordinal ?? 0, messageAt: messageAt ?? 0, readAt: readAt ?? 0 };
}
