import type { Message, MessageKind, Reaction } from '../../domain/message.ts';

const KINDS = ['TEXT', 'MEMBER_JOINED', 'MEMBER_LEFT', 'ROOM_UPDATED'] as const satisfies readonly MessageKind[];

/** A message as it is stored, without the room and number that its key holds: a row of values, since the names would double its size. */
export type MessageRecord = readonly [
  kind: number,
  authorId: string,
  at: number,
  ordinal: number,
  body: string,
  changed: number,
  editedAt: number | null,
  deletedAt: number | null,
  replyTo: number | null,
  replyCount: number,
  reactions: readonly (readonly [emoji: string, count: number, firstUserIds: readonly string[]])[],
  mentions: readonly string[],
  idempotencyKey: string | null,
  role: Message['role'],
];

export const toRecord = (message: Message): MessageRecord => [
  KINDS.indexOf(message.kind),
  message.authorId,
  message.at,
  message.ordinal,
  message.body,
  message.changed,
  message.editedAt,
  message.deletedAt,
  message.replyTo,
  message.replyCount,
  message.reactions.map(({ emoji, count, firstUserIds }) => [emoji, count, firstUserIds]),
  message.mentions,
  message.idempotencyKey,
  message.role,
];

export function fromRecord(roomId: string, number: number, record: MessageRecord): Message {
  const [kind, authorId, at, ordinal, body, changed, editedAt, deletedAt, replyTo, replyCount, reactions, mentions, key, role] =
    record;
  return {
    roomId,
    number,
    at,
    kind: KINDS[kind] ?? 'TEXT',
    authorId,
    body,
    ordinal,
    changed,
    editedAt,
    deletedAt,
    replyTo,
    replyCount,
    reactions: reactions.map(([emoji, count, firstUserIds]): Reaction => ({ emoji, count, firstUserIds })),
    mentions,
    idempotencyKey: key,
    role,
  };
}
