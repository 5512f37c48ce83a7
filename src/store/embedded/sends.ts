import { DomainError } from '../../domain/errors.ts';
import type { Message } from '../../domain/message.ts';
import type { Timeline } from '../../ports/timeline.ts';
import type { Embedded } from './database.ts';
import { noteEnding, removeEnded } from './endings.ts';
import { fromRecord } from './message-record.ts';
import type { SendRecord } from './tables.ts';

type Send = Parameters<Timeline['append']>[0];

const KEPT_MS = 24 * 3_600_000;

/** P4: the message that this idempotency key has made within the last 24 h; null where it is new. Throws CONFLICT. */
export function earlierSend({ tables }: Embedded, now: number, send: Send): Message | null {
  const record = send.idempotency && tables.sends.get([send.roomId, send.idempotency.field]);
  if (!record || record.expiresAt <= now) return null;
  if (record.digest !== send.idempotency?.digest) {
    throw new DomainError('CONFLICT', 'The idempotency key was used before, for another message.');
  }
  const entry = tables.entries.get([send.roomId, record.number]);
  return entry ? fromRecord(send.roomId, record.number, entry) : asSent(send, record);
}

/** Remembers what the key made. */
export function rememberSend(store: Embedded, now: number, { roomId, idempotency }: Send, message: Message): void {
  if (!idempotency) return;
  const expiresAt = now + KEPT_MS;
  const { number, at, ordinal } = message;
  removeEnded(store, now);
  store.tables.sends.putSync([roomId, idempotency.field], { expiresAt, digest: idempotency.digest, number, at, ordinal });
  noteEnding(store, expiresAt, 'sends', [roomId, idempotency.field]);
}

/** A message that history no longer keeps: the digest says that the payload is the same, so the input tells the rest. */
const asSent = (send: Send, { number, at, ordinal }: SendRecord): Message => ({
  roomId: send.roomId,
  number,
  at,
  kind: 'TEXT',
  authorId: send.authorId,
  body: send.body,
  ordinal,
  changed: number,
  editedAt: null,
  deletedAt: null,
  replyTo: send.replyTo?.number ?? null,
  replyCount: 0,
  reactions: [],
  mentions: send.mentions,
  idempotencyKey: send.idempotency?.key ?? null,
  role: null,
});
