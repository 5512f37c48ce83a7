import type { Database, RootDatabase } from 'lmdb';
import type { EpochEnd } from '../../domain/position.ts';
import type { MemberRole, Receipt, RoomKind } from '../../domain/room.ts';
import type { User } from '../../domain/user.ts';
import type { DirectoryName } from '../../ports/directory.ts';
import type { MessageRecord } from './message-record.ts';

/** A room without its id. What counts and limits replay is said in `room-step.ts`, the one file that writes it. */
export interface RoomRecord {
  readonly kind: RoomKind;
  readonly name: string | null;
  readonly topic: string | null;
  readonly createdAt: number;
  readonly memberCount: number;
  /** The run of the store that handed out `head`. */
  readonly epoch: string;
  readonly head: number;
  /** TEXT messages sent so far. */
  readonly ordinal: number;
  readonly activeAt: number;
  /** The greatest number that can no longer be replayed; 0 while everything is kept. */
  readonly floor: number;
  /** Ordinal of the last entry trimmed. */
  readonly floorOrdinal: number;
  /** Entries kept. */
  readonly kept: number;
  /** Tombstones among them. */
  readonly tombstones: number;
  /** Memberships begun so far: the join order of the last. */
  readonly joins: number;
}

export interface MemberRecord {
  readonly role: MemberRole;
  readonly joinedAt: number;
  /** Place in join order. */
  readonly order: number;
  readonly receipt: Receipt;
}

/** What ends at a known time has that time in the record itself: the entry in `endings` is only a reminder. */
export interface Ending {
  readonly expiresAt: number;
}

export interface SessionRecord extends Ending {
  readonly id: string;
  readonly createdAt: number;
}

/** A used idempotency key: which message it made. */
export interface SendRecord extends Ending {
  readonly digest: string;
  readonly number: number;
  readonly at: number;
  readonly ordinal: number;
}

/** A room on a user's list; `since` it was last put there or confirmed. */
export interface JoinedRecord {
  readonly since: number;
}

export interface FiledRecord {
  readonly name: string;
  readonly sorted: string;
  readonly forms: readonly string[];
}

type RoomKey = [roomId: string];
type Numbered = [...RoomKey, number: number];
type UserKey = [userId: string];
type EmojiKey = [...Numbered, emoji: string];

/** Every table of the store: what its keys are made of, in order, and what a row holds. Rows without a value of their own hold 0. */
export interface Tables {
  readonly users: Database<Omit<User, 'id'> & { readonly passwordHash: string }, string>;
  /** Folded username to user id. */
  readonly usernames: Database<string, string>;
  readonly sessions: Database<SessionRecord, [...UserKey, tokenHash: string]>;
  /** Which sessions and sends end when. */
  readonly endings: Database<0, [expiresAt: number, table: 'sessions' | 'sends', owner: string, rest: string]>;
  readonly joined: Database<JoinedRecord, [...UserKey, roomId: string]>;
  /** User id to the version of what concerns the user. */
  readonly versions: Database<number, string>;
  readonly rooms: Database<RoomRecord, string>;
  /** The ended epochs of a room, oldest first. */
  readonly epochs: Database<readonly EpochEnd[], string>;
  readonly members: Database<MemberRecord, [...RoomKey, userId: string]>;
  readonly joins: Database<string, [...RoomKey, order: number]>;
  /** The members of each role in join order. */
  readonly roles: Database<string, [...RoomKey, role: MemberRole, order: number]>;
  readonly entries: Database<MessageRecord, Numbered>;
  /** Number of the latest change to the number of the entry changed. */
  readonly changes: Database<number, Numbered>;
  readonly tombstones: Database<0, Numbered>;
  readonly replies: Database<0, [...Numbered, reply: number]>;
  /** Who reacted, in order. */
  readonly reactors: Database<string, [...EmojiKey, order: number]>;
  /** At which place of `reactors` a user stands. */
  readonly reacted: Database<number, [...EmojiKey, userId: string]>;
  readonly sends: Database<SendRecord, [...RoomKey, field: string]>;
  readonly filed: Database<FiledRecord, [directory: DirectoryName, id: string]>;
  readonly sorted: Database<0, [directory: DirectoryName, form: string, id: string]>;
  readonly found: Database<0, [directory: DirectoryName, form: string, id: string]>;
  readonly leases: Database<number, [...UserKey, holder: string]>;
  readonly leaseEnds: Database<0, [expiresAt: number, userId: string, holder: string]>;
  /** When a user was last seen. */
  readonly seen: Database<number, string>;
}

/** Opens every table, making those that are not there. */
export function openTables(root: RootDatabase): Tables {
  const table = <V, K extends string | (string | number)[]>(name: keyof Tables): Database<V, K> => root.openDB<V, K>(name, {});
  return {
    users: table('users'),
    usernames: table('usernames'),
    sessions: table('sessions'),
    endings: table('endings'),
    joined: table('joined'),
    versions: table('versions'),
    rooms: table('rooms'),
    epochs: table('epochs'),
    members: table('members'),
    joins: table('joins'),
    roles: table('roles'),
    entries: table('entries'),
    changes: table('changes'),
    tombstones: table('tombstones'),
    replies: table('replies'),
    reactors: table('reactors'),
    reacted: table('reacted'),
    sends: table('sends'),
    filed: table('filed'),
    sorted: table('sorted'),
    found: table('found'),
    leases: table('leases'),
    leaseEnds: table('leaseEnds'),
    seen: table('seen'),
  };
}

/** Above every key part that a table uses. */
const LAST = new Uint8Array([255]);

/** The range of all keys that begin with these parts. */
export const under = (...prefix: (string | number)[]) => ({ start: prefix, end: [...prefix, LAST] });

/** The range of keys whose last part is a number greater than `after`, in the order of that number. */
export const behind = (prefix: (string | number)[], after: number) => ({
  start: [...prefix, after],
  exclusiveStart: true,
  end: [...prefix, LAST],
});
