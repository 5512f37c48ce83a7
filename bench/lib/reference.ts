import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { messageId } from '../../src/domain/ids.ts';
import { hashToken } from '../../src/services/tokens.ts';
import { roomChannel, roomKeys, sessionKey } from '../../src/store/redis/keys.ts';
import { scriptText } from '../../src/store/redis/script-runner.ts';
import type { Person } from '../load/dialects.ts';

// What the servers that Parley is compared with have in common: the same messages in the same Redis, sent by the same script.

/** A message as its readers get it. */
export interface Sent {
  readonly __typename: 'MessageSent';
  readonly cursor: string;
  readonly message: {
    readonly id: string;
    readonly body: string;
    readonly createdAt: string;
    readonly author: { readonly id: string; readonly username: string; readonly displayName: string };
  };
}

/** Where a message stands once it is stored. */
export interface Place {
  readonly number: number;
  readonly at: number;
}

const text = scriptText('append-message', false);
const sha = createHash('sha1').update(text).digest('hex');

// As many as Parley keeps unless told otherwise.
const KEEP = 100_000;

/** Stores a message and publishes it on the room's channel by Parley's own script, in one call. */
export async function appendByScript(redis: Redis, roomId: string, userId: string, body: string): Promise<Place> {
  const k = roomKeys(roomId);
  const keys = [k.room, k.timeline, k.changes, k.roles, k.reads, k.deleted, k.replies, k.epochs, k.channel];
  const args = [KEEP, '', '', 2, userId, JSON.stringify(body)];
  const [answer] = (await redis.evalsha(sha, keys.length, ...keys, ...args)) as string[];
  const [code, number, at] = (answer ?? '').split(' ');
  if (code !== 'OK') throw new Error(`The message was not stored: ${answer}`);
  return { number: Number(number), at: Number(at) };
}

/** Whether the person has the session: one read, as small as can be. */
export async function hasSession(redis: Redis, { userId, token }: Pick<Person, 'userId' | 'token'>): Promise<boolean> {
  const [id] = await redis.hmget(sessionKey(userId, hashToken(token)), 'id', 'expiresAt');
  return id !== null;
}

/** Teaches Redis the script. */
export const loadScript = (redis: Redis): Promise<unknown> => redis.script('LOAD', text);

/** What the script has published, as far as it is needed. */
export interface Published extends Place {
  readonly epoch: string;
  readonly authorId: string;
  readonly body: string;
}

/** Reads what the script has published. */
export function readPublished(news: string): Published {
  const { e, n, m } = JSON.parse(news);
  return { epoch: String(e), number: Number(n), authorId: String(m[2]), at: Number(m[3]), body: String(m[5]) };
}

/** The message with its author, in the shape and size that Parley sends it. */
export function describeSent(
  roomId: string,
  { epoch, number, at, body }: Omit<Published, 'authorId'>,
  { userId, username, displayName }: Omit<Person, 'token'>,
): Sent {
  return {
    __typename: 'MessageSent',
    cursor: `${epoch}.${number}`,
    message: {
      id: messageId({ roomId, number, at }),
      body,
      createdAt: new Date(at).toISOString(),
      author: { id: userId, username, displayName },
    },
  };
}

/** What a sender is told. */
export const describeStored = (roomId: string, { number, at }: Place) => ({
  id: messageId({ roomId, number, at }),
  createdAt: new Date(at).toISOString(),
});

export { roomChannel };
