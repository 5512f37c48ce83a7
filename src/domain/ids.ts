import { randomBytes } from 'node:crypto';

// Ids are made of [a-z0-9-] only, so they can stand in a key, a URL or a log line as they are.
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 15; // 36^15 is 77 bits: no two alike in the life of an installation
const USER = /^u[0-9a-z]{15}$/;
const ROOM = /^(?:r[0-9a-z]{15}|d[0-9a-z]{30})$/;
const MESSAGE = /^m(r[0-9a-z]{15}|d[0-9a-z]{30})-([1-9a-z][0-9a-z]{0,9})-([1-9a-z][0-9a-z]{0,8})$/;

function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    // 252 is the largest multiple of 36 in a byte: dropping what lies above keeps every letter equally likely.
    for (const byte of randomBytes(length * 2)) if (byte < 252 && text.length < length) text += ALPHABET[byte % 36];
  }
  return text;
}

/** A new user id: `u` and 15 of [0-9a-z]. */
export const newUserId = (): string => `u${randomText(RANDOM_LENGTH)}`;

/** A new id for a public or private room: `r` and 15 of [0-9a-z]. */
export const newRoomId = (): string => `r${randomText(RANDOM_LENGTH)}`;

/** The id of the one direct room of two different users: the same whoever opens it. */
export function directRoomId(a: string, b: string): string {
  const [low, high] = a < b ? [a, b] : [b, a];
  return `d${low.slice(1)}${high.slice(1)}`;
}

/** The two users of a direct room, read off its id; null for any other room. */
export function directRoomUsers(roomId: string): readonly [string, string] | null {
  if (!roomId.startsWith('d') || !ROOM.test(roomId)) return null;
  return [`u${roomId.slice(1, 16)}`, `u${roomId.slice(16)}`];
}

/** Where a message lives: its room, its number there, and when the store took it. */
export interface MessageRef {
  readonly roomId: string;
  /** The message's number in its room, from 1. */
  readonly number: number;
  /**
   * When it was stored, ms since 1970 by the store's clock. Part of the identity: a number can be handed out
   * again after the store lost its newest writes, and then the old id must not name the new message.
   */
  readonly at: number;
}

/** The public id of a message; {@link parseMessageId} reads it back. It carries no authority. */
export const messageId = (ref: MessageRef): string => `m${ref.roomId}-${ref.number.toString(36)}-${instant(ref.at)}`;

const LOW_DIGITS = 5;
const LOW = 36 ** LOW_DIGITS;

// In two parts that are small whole numbers: a time as one is a float, which takes eight times as long to write.
const instant = (at: number): string =>
  at < LOW ? at.toString(36) : Math.floor(at / LOW).toString(36) + (at % LOW).toString(36).padStart(LOW_DIGITS, '0');

/** What a message id names, or null where the text is no message id. Never throws. */
export function parseMessageId(id: string): MessageRef | null {
  const match = MESSAGE.exec(id);
  if (!match) return null;
  const number = Number.parseInt(match[2] ?? '', 36);
  const at = Number.parseInt(match[3] ?? '', 36);
  return Number.isSafeInteger(number) && Number.isSafeInteger(at) ? { roomId: match[1] ?? '', number, at } : null;
}

/** Whether the text has the form of a user id. */
export const isUserId = (id: string): boolean => USER.test(id);

/** Whether the text has the form of a room id, direct rooms included. */
export const isRoomId = (id: string): boolean => ROOM.test(id);
