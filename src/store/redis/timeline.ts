import { rateLimited } from '../../domain/errors.ts';
import type { Message } from '../../domain/message.ts';
import type { Spending } from '../../ports/rate-limits.ts';
import type { Appended, Timeline } from '../../ports/timeline.ts';
import { decodeEntry } from './codec.ts';
import type { Parts } from './parts.ts';
import { asNumber, asText, UnreadableError } from './reply.ts';
import { createTimelineReads } from './timeline-reads.ts';

/** Messages: {room:ID}:timeline, by number, as they are now. */
export const createTimeline = (parts: Parts): Timeline => ({ ...createChanges(parts), ...createTimelineReads(parts) });

type Send = Parameters<Timeline['append']>[0];

function createChanges({ scripts, sharded }: Parts): Pick<Timeline, 'append' | 'edit' | 'delete' | 'react'> {
  async function append({ spending, ...send }: Send): Promise<Appended> {
    if (!sharded) return appended(send, await scripts.appendMessage(send, spending));
    if (spending) await spendFirst(spending);
    return appended(send, await scripts.appendMessage(send));
  }

  async function spendFirst({ key, rate }: Spending): Promise<void> {
    const [retryAfterMs] = await scripts.takeRate(key, rate);
    if (retryAfterMs !== 0) throw rateLimited(asNumber(retryAfterMs));
  }

  return {
    append,
    edit: async (input) => changed(input.roomId, await scripts.editMessage(input)),
    delete: async (input) => changed(input.roomId, await scripts.deleteMessage(input)),
    react: async (input) => changed(input.roomId, await scripts.react(input)),
  };
}

function appended(send: Send, { stored, sent }: { stored: unknown; sent: readonly unknown[] }): Appended {
  if (stored === null) return { message: asSent(send, sent), duplicate: false };
  // Trimmed since: the digest says that the payload is the same, so the input tells what was sent.
  return { message: stored === '' ? asSent(send, sent) : parse(send.roomId, stored), duplicate: true };
}

function changed(roomId: string, [entry]: readonly unknown[]): Message {
  return parse(roomId, entry);
}

function parse(roomId: string, entry: unknown): Message {
  const message = decodeEntry(roomId, asText(entry));
  if (!message) throw new UnreadableError('A script answered with an entry that cannot be read');
  return message;
}

/** The message as it was stored, made from the input and its place: the entry need not come back over the wire. */
function asSent(send: Send, place: readonly unknown[]): Message {
  const [number = 0, at = 0, ordinal = 0] = place.map(asNumber);
  return {
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
  };
}
