import { badInput } from './errors.ts';

const USERNAME = /^[A-Za-z0-9._-]{2,32}$/;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const LINE_CONTROL = /[\u0000-\u001f\u007f\u2028\u2029]/;

/** Length in Unicode code points, the unit of every limit on text. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The form in which names are compared and searched: NFKC, lower case, single spaces. */
export const fold = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();

// Longer names are ordered and found by their start: keys of a store have a greatest size.
const FORM_MAX = 100;
const WORD_START = /(?<=[\s._-])[^\s._-]/gu;

/** The form in which names are put in order and searched for: folded, at most 100 code points. */
export const sortForm = (name: string): string => cut(fold(name));

const cut = (folded: string): string => [...folded].slice(0, FORM_MAX).join('');

/**
 * What a name (or any of several) is found by: its folded form from the start and from the start of every later word on, each once, in the order of
 * code points. Words are split at white space, '.', '_' and '-'.
 */
export function searchForms(...names: readonly (string | undefined)[]): string[] {
  const forms = names.flatMap((name) => {
    const folded = fold(name ?? '');
    return [0, ...[...folded.matchAll(WORD_START)].map((match) => match.index)].map((start) => cut(folded.slice(start)));
  });
  return [...new Set(forms)].filter((form) => form !== '').sort(byCodePoints);
}

/** Orders text by code points, which is the order of its UTF-8 bytes and of both stores; `<` orders by UTF-16 units. */
export function byCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((point, index) => point !== right[index]);
  return at < 0 ? left.length - right.length : (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1);
}

/** The form in which usernames are unique. */
export const foldUsername = (username: string): string => username.toLowerCase();

/** Refuses text that could not come back as it went in: lone surrogates and control characters. */
function requireStorable(field: string, text: string, control: RegExp): void {
  if (!text.isWellFormed()) throw badInput(field, 'Contains half of a surrogate pair, which is not text.');
  if (control.test(text)) throw badInput(field, 'Contains a control character.');
}

/** Whether the text could be a username. */
export const isUsername = (text: string): boolean => USERNAME.test(text);

/** The username, checked. Throws BAD_USER_INPUT naming `field`. */
export function parseUsername(field: string, username: string): string {
  if (!isUsername(username)) throw badInput(field, "Must be 2 to 32 characters, each a letter a-z, a digit, '.', '_' or '-'.");
  return username;
}

/** A password of 8 to 128 code points, never cut or changed. Throws BAD_USER_INPUT naming `field`. */
export function parsePassword(field: string, password: string): string {
  if (!password.isWellFormed()) throw badInput(field, 'Contains half of a surrogate pair, which is not text.');
  const length = codePoints(password);
  if (length < 8 || length > 128) throw badInput(field, 'Must be 8 to 128 characters.');
  return password;
}

/** One line of text with outer white space removed, of `min` to `max` code points. Throws BAD_USER_INPUT naming `field`. */
export function parseLine(field: string, text: string, min: number, max: number): string {
  const line = text.trim();
  requireStorable(field, line, LINE_CONTROL);
  const length = codePoints(line);
  if (length < min || length > max) throw badInput(field, `Must be ${min} to ${max} characters on one line.`);
  return line;
}

/** The largest body in code points. */
export const BODY_MAX = 4000;

/** A message body, kept byte for byte: 1 to 4,000 code points, not only white space. Throws BAD_USER_INPUT naming `field`. */
export function parseBody(field: string, body: string): string {
  requireStorable(field, body, CONTROL);
  if (body.trim() === '') throw badInput(field, 'Must not be empty.');
  // As many units as that are never more code points.
  if (body.length > BODY_MAX && (body.length > BODY_MAX * 2 || codePoints(body) > BODY_MAX))
    throw badInput(field, `Must be at most ${BODY_MAX} characters.`);
  return body;
}

/** A client's idempotency key: 1 to 64 printable ASCII characters. Throws BAD_USER_INPUT naming `field`. */
export function parseIdempotencyKey(field: string, key: string): string {
  if (!/^[\x21-\x7e]{1,64}$/.test(key)) throw badInput(field, 'Must be 1 to 64 printable ASCII characters without spaces.');
  return key;
}

const EMOJI = /^\p{RGI_Emoji}$/v;

/** One emoji as Unicode recommends it for interchange. Throws BAD_USER_INPUT naming `field`. */
export function parseEmoji(field: string, emoji: string): string {
  if (emoji.length > 40 || !EMOJI.test(emoji)) throw badInput(field, 'Must be one emoji.');
  return emoji;
}

const MENTION = /(?<![\w@./-])@([A-Za-z0-9._-]{2,32})/g;

/** The most users one message can mention; further ones are plain text. */
export const MENTIONS_MAX = 20;

/**
 * The folded usernames a body may mention, in order, each with the reading that leaves closing punctuation out
 * ("@bob." is bob unless a user is called "bob."). At most {@link MENTIONS_MAX}.
 */
export function mentionCandidates(body: string): string[][] {
  if (!body.includes('@')) return [];
  const seen = new Map<string, string[]>();
  for (const match of body.matchAll(MENTION)) {
    const name = foldUsername(match[1] ?? '');
    const trimmed = name.replace(/[._-]+$/, '');
    if (!seen.has(name)) seen.set(name, trimmed.length >= 2 && trimmed !== name ? [name, trimmed] : [name]);
    if (seen.size === MENTIONS_MAX) break;
  }
  return [...seen.values()];
}
