/* Readers of replies: what a script or command answered, with the type that is relied on, or an error that says what came instead. */

/** What came from Redis is not what this program writes there: a fault of data or of ours, not of the link. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}

const unexpected = (wanted: string, reply: unknown): Error =>
  new UnreadableError(`Redis answered with ${reply === null ? 'null' : typeof reply} where ${wanted} was expected`);

/** A list. */
export function asList(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw unexpected('a list', reply);
  return reply;
}

/** A text. */
export function asText(reply: unknown): string {
  if (typeof reply !== 'string') throw unexpected('text', reply);
  return reply;
}

/** A whole number, as integer or as text. */
export function asNumber(reply: unknown): number {
  const number = typeof reply === 'string' && reply !== '' ? Number(reply) : reply;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw unexpected('a whole number', reply);
  return number;
}

/** A list of texts. */
export const asTexts = (reply: unknown): readonly string[] => asList(reply).map(asText);

/** A text, or null where there is none. */
export const asTextOrNull = (reply: unknown): string | null => (reply === null ? null : asText(reply));

/** A flat list cut into rows of `width`. */
export function rows(reply: unknown, width: number): readonly (readonly unknown[])[] {
  const list = asList(reply);
  return Array.from({ length: Math.floor(list.length / width) }, (_, row) => list.slice(row * width, (row + 1) * width));
}
