import { notFound, notMember, StaleGuardError } from '../../domain/errors.ts';
import { eventOf } from '../../domain/event.ts';
import type { Message } from '../../domain/message.ts';
import type { EpochEnd, Position } from '../../domain/position.ts';
import type { Room } from '../../domain/room.ts';
import type { Guard } from '../../ports/guard.ts';
import type { Embedded } from './database.ts';
import { fromRecord, toRecord } from './message-record.ts';
import { type MemberRecord, type RoomRecord, under } from './tables.ts';
import type { Step } from './writer.ts';

/** An entry to be made: what its place in the timeline does not settle. */
export type NewEntry = Pick<Message, 'kind' | 'authorId' | 'body'> &
  Partial<Pick<Message, 'mentions' | 'replyTo' | 'idempotencyKey' | 'role'>>;

/** One room inside one atomic step. What is done to it is kept by {@link RoomStep.save}. */
export interface RoomStep {
  readonly roomId: string;
  /** As it stands within the step. */
  readonly record: RoomRecord;
  /** Sets what is not a matter of the timeline. */
  set(change: Partial<Pick<RoomRecord, 'name' | 'topic' | 'memberCount' | 'joins'>>): void;
  /** Appends an entry: one event. */
  append(entry: NewEntry): Message;
  /** Stores a changed message: one event. */
  change(message: Message): Message;
  /** Lets the oldest entries beyond `keep` go (0 = none). */
  trim(keep: number): void;
  save(): void;
}

const EPOCHS_KEPT = 100;
const TRIMMED_AT_ONCE = 1000;

/** Begins a step on a room in the state `record`. */
export function beginRoomStep({ tables, epoch }: Embedded, step: Step, roomId: string, record: RoomRecord): RoomStep {
  let room = record;

  /** The next number. The first one that a run of the store hands out ends the epoch of the run before. */
  function next(): Position {
    if (room.epoch !== epoch) {
      const ended: EpochEnd[] = [...(tables.epochs.get(roomId) ?? []), { epoch: room.epoch, last: room.head }];
      tables.epochs.putSync(roomId, ended.filter(({ last }) => last >= room.floor).slice(-EPOCHS_KEPT));
    }
    room = { ...room, epoch, head: room.head + 1 };
    return { epoch, number: room.head };
  }

  function put(message: Message): void {
    tables.entries.putSync([roomId, message.number], toRecord(message));
  }

  function append(entry: NewEntry): Message {
    const position = next();
    const at = Math.max(step.now, room.activeAt);
    const ordinal = room.ordinal + (entry.kind === 'TEXT' ? 1 : 0);
    const message: Message = {
      roomId,
      number: position.number,
      at,
      kind: entry.kind,
      authorId: entry.authorId,
      body: entry.body,
      ordinal,
      changed: position.number,
      editedAt: null,
      deletedAt: null,
      replyTo: entry.replyTo ?? null,
      replyCount: 0,
      reactions: [],
      mentions: entry.mentions ?? [],
      idempotencyKey: entry.idempotencyKey ?? null,
      role: entry.role ?? null,
    };
    put(message);
    room = { ...room, activeAt: at, ordinal, kept: room.kept + 1 };
    step.publish(roomId, eventOf(position, message));
    return message;
  }

  function change(message: Message): Message {
    const position = next();
    if (message.changed > message.number) tables.changes.removeSync([roomId, message.changed]);
    const changed = { ...message, changed: position.number };
    tables.changes.putSync([roomId, position.number], message.number);
    put(changed);
    if (message.deletedAt !== null) {
      tables.tombstones.putSync([roomId, message.number], 0);
      room = { ...room, tombstones: room.tombstones + 1 };
    }
    step.publish(roomId, eventOf(position, changed));
    return changed;
  }

  function drop(message: Message): void {
    const { number, changed } = message;
    tables.entries.removeSync([roomId, number]);
    if (changed > number) tables.changes.removeSync([roomId, changed]);
    if (message.replyTo !== null) tables.replies.removeSync([roomId, message.replyTo, number]);
    if (message.deletedAt !== null) tables.tombstones.removeSync([roomId, number]);
    if (message.reactions.length > 0) dropReactions({ tables }, roomId, number);
    room = {
      ...room,
      kept: room.kept - 1,
      tombstones: room.tombstones - (message.deletedAt === null ? 0 : 1),
      floor: Math.max(room.floor, changed),
      floorOrdinal: message.ordinal,
    };
  }

  return {
    roomId,
    get record() {
      return room;
    },
    set(changes) {
      room = { ...room, ...changes };
    },
    append,
    change,
    trim(keep) {
      const excess = keep === 0 ? 0 : Math.min(room.kept - keep, TRIMMED_AT_ONCE);
      if (excess <= 0) return;
      const oldest = [...tables.entries.getRange({ ...under(roomId), limit: excess })];
      for (const { key, value } of oldest) drop(fromRecord(roomId, key[1], value));
    },
    save: () => void tables.rooms.putSync(roomId, room),
  };
}

/** Forgets who reacted to a message. */
export function dropReactions({ tables }: Pick<Embedded, 'tables'>, roomId: string, number: number): void {
  for (const key of [...tables.reactors.getKeys(under(roomId, number))]) tables.reactors.removeSync(key);
  for (const key of [...tables.reacted.getKeys(under(roomId, number))]) tables.reacted.removeSync(key);
}

/** The room, or NOT_FOUND. */
export function requireRoom({ tables }: Embedded, roomId: string): RoomRecord {
  const room = tables.rooms.get(roomId);
  if (!room) throw notFound('room');
  return room;
}

/** The room and the membership of one of its members, or what one who is none is told. */
export function requireMember({ tables }: Embedded, roomId: string, userId: string): { room: RoomRecord; member: MemberRecord } {
  const room = tables.rooms.get(roomId);
  const member = tables.members.get([roomId, userId]);
  if (!room || !member) throw notMember(room?.kind ?? null);
  return { room, member };
}

/** Throws StaleGuardError unless every guard holds. */
export function requireGuards({ tables }: Embedded, roomId: string, guards: readonly Guard[]): void {
  const stale = guards.find(({ userId, role }) => (tables.members.get([roomId, userId])?.role ?? null) !== role);
  if (stale) throw new StaleGuardError(`${stale.userId} no longer has the role ${stale.role}`);
}

/** The message, or NOT_FOUND: no such number, or another message has it now. */
export function requireMessage({ tables }: Embedded, roomId: string, ref: { number: number; at: number }): Message {
  const record = tables.entries.get([roomId, ref.number]);
  const message = record && fromRecord(roomId, ref.number, record);
  if (message?.at !== ref.at) throw notFound('message');
  return message;
}

/** The room as the port shows it. */
export const toRoom = (id: string, record: RoomRecord): Room => ({
  id,
  kind: record.kind,
  name: record.name,
  topic: record.topic,
  createdAt: record.createdAt,
  memberCount: record.memberCount,
  position: { epoch: record.epoch, number: record.head },
  activeAt: record.activeAt,
});
