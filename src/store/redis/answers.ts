import { DomainError, notFound, notMember, rateLimited, StaleGuardError } from '../../domain/errors.ts';
import type { Message } from '../../domain/message.ts';
import { decodeEntry, decodeRoomKind } from './codec.ts';
import { asList, asNumber, asText, UnreadableError } from './reply.ts';

/** What a writing script answers where it refuses, and what that means. The only list of these words; a test holds the scripts to it. */
export const REFUSALS: Readonly<Record<string, (detail: unknown) => Error>> = {
  NO_ROOM: () => notFound('room'),
  NOT_MEMBER: (kind) => notMember(decodeRoomKind(kind)),
  NO_MEMBER: () => notFound('member'),
  NO_MESSAGE: () => notFound('message'),
  STALE_GUARD: () => new StaleGuardError('A role has changed since permission was judged.'),
  SYSTEM_MESSAGE: () => new DomainError('FORBIDDEN', 'System messages cannot be changed.'),
  NOT_AUTHOR: () => new DomainError('FORBIDDEN', 'Only its author may edit a message.'),
  DELETED: () => new DomainError('CONFLICT', 'The message has been deleted.'),
  KEY_REUSED: () => new DomainError('CONFLICT', 'The idempotency key was used before, for another message.'),
  LAST_OWNER: () => new DomainError('CONFLICT', 'A room must have an owner.'),
  LIST_FULL: () => new DomainError('CONFLICT', 'That would be more rooms than one may be in.'),
  RATE_LIMITED: (ms) => rateLimited(asNumber(ms)),
  TOO_MANY_EMOJI: (most) => new DomainError('TOO_LARGE', `A message carries at most ${asText(most)} different emoji.`),
};

/** What follows 'OK' in the answer of a writing script. Throws what a refusal means. */
export function readAnswer(reply: unknown): readonly unknown[] {
  const [code, ...values] = asList(reply);
  if (code === 'OK') return values;
  const refusal = REFUSALS[asText(code)];
  throw refusal ? refusal(values[0]) : new UnreadableError(`A script answered ${String(code)}, which means nothing`);
}

/** The message of an entry that a script has answered with. */
export function readEntry(roomId: string, entry: unknown): Message {
  const message = decodeEntry(roomId, asText(entry));
  if (!message) throw new UnreadableError('A script answered with an entry that cannot be read');
  return message;
}
