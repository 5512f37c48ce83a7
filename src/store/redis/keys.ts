import { createHash } from 'node:crypto';
import { foldUsername } from '../../domain/text.ts';
import type { DirectoryName } from '../../ports/directory.ts';

/*
 * The only place that spells a key or a channel. All keys of a room share the hash tag {room:ID}, all of a user {user:ID}, so that each
 * operation stays in one slot of a cluster. Keys that only a script can know (days of idempotency keys, reactions of
 * messages it trims) are made there from a key declared here; docs/PROTOCOL.md lists them all.
 */

const OWN_ID = /^[0-9a-z]{1,64}$/;

// Ids are ours and made of [0-9a-z]. Whatever else arrives names nothing, and must not be able to name anything: not
// another key, not another slot.
const safe = (id: string): string => (OWN_ID.test(id) ? id : `none-${digest(id)}`);

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 32);

// The rooms written to and read of late: their keys are spelled once. When there are many, those not asked for since there last were are forgotten.
const ROOMS_SPELLED = 2500;
let spelled = new Map<string, ReturnType<typeof spellRoom>>();
let before = new Map<string, ReturnType<typeof spellRoom>>();

/** The keys of one room. */
export function roomKeys(roomId: string): ReturnType<typeof spellRoom> {
  const known = spelled.get(roomId);
  if (known !== undefined) return known;
  const keys = before.get(roomId) ?? spellRoom(roomId);
  if (spelled.size === ROOMS_SPELLED) {
    before = spelled;
    spelled = new Map();
  }
  if (OWN_ID.test(roomId)) spelled.set(roomId, keys);
  return keys;
}

const spellRoom = (roomId: string) => {
  const room = `{room:${safe(roomId)}}`;
  return {
    room,
    timeline: `${room}:timeline`,
    changes: `${room}:changes`,
    deleted: `${room}:deleted`,
    replies: `${room}:replies`,
    members: `${room}:members`,
    roles: `${room}:roles`,
    staff: `${room}:staff`,
    reads: `${room}:reads`,
    epochs: `${room}:epochs`,
    channel: roomChannel(roomId),
  };
};

/** The keys of one room, by name. */
export type RoomKeys = ReturnType<typeof roomKeys>;

/** Those who reacted to a message with an emoji. */
export const reactionKey = (roomId: string, number: number, emoji: string): string =>
  `{room:${safe(roomId)}}:reactions:${number}:${Buffer.from(emoji).toString('hex')}`;

/** The keys of one user. */
export const userKeys = (userId: string) => {
  const user = `{user:${safe(userId)}}`;
  return {
    user,
    rooms: `${user}:rooms`,
    version: `${user}:version`,
    sessions: `${user}:sessions`,
    /** Goes before the hash of a session's token. */
    sessionPrefix: `${user}:session:`,
    leases: `${user}:leases`,
    channel: userChannel(userId),
  };
};

/** A session, by the hash of its token. */
export const sessionKey = (userId: string, tokenHash: string): string =>
  `${userKeys(userId).sessionPrefix}${/^[0-9a-f]{64}$/.test(tokenHash) ? tokenHash : `none-${digest(tokenHash)}`}`;

/** Names a user by username, whatever its case. */
export const usernameKey = (username: string): string => {
  const folded = foldUsername(username);
  return `username:${/^[a-z0-9._-]{1,64}$/.test(folded) ? folded : `none:${digest(folded)}`}`;
};

/** The users with leases, by the time at which these are to be looked at. */
export const presenceKey = '{presence}:expiry';

/** The keys of one directory. */
export const directoryKeys = (directory: DirectoryName) => ({
  names: `{dir:${directory}}:names`,
  words: `{dir:${directory}}:words`,
  entries: `{dir:${directory}}:entries`,
});

// A user's allowances, the usual ones; no digest has a colon in it.
const USERS_RATE = /^[a-z]{1,16}:u[0-9a-z]{1,64}$/;

/** An allowance; any text names one. */
export const rateKey = (name: string): string => `rate:${USERS_RATE.test(name) ? name : digest(name)}`;

/** Where a room's events and signals are published. */
export const roomChannel = (roomId: string): string => `chat:{room:${safe(roomId)}}`;

/** Where a user's signals are published. */
export const userChannel = (userId: string): string => `chat:{user:${safe(userId)}}`;
