import { REACTION_PREVIEW } from '../../domain/message.ts';
import type { Guard } from '../../ports/guard.ts';
import type { Memberships } from '../../ports/memberships.ts';
import type { NewRoom, Rooms } from '../../ports/rooms.ts';
import type { Timeline } from '../../ports/timeline.ts';
import { readAnswer } from './answers.ts';
import { createAppendGroups } from './append-groups.ts';
import { type RoomKeys, reactionKey, roomKeys } from './keys.ts';
import type { Link } from './link.ts';
import { asList } from './reply.ts';
import { prepareScript, type RunScript } from './script-runner.ts';

type Input<T extends (input: never) => unknown> = Parameters<T>[0];

const guards = (guard: readonly Guard[]): string[] => guard.flatMap(({ userId, role }) => [userId, role ?? '']);

type Keys = readonly [room: string, ...others: string[]];

/** A text that may be missing, told apart from ''. */
const given = (text: string | null | undefined): string => (text === null || text === undefined ? '' : `=${text}`);

/** The scripts that work on one room, one function each; `writer` changes, `reader` reads. Their headers say what they do. */
export function createRoomScripts(writer: Link, reader: Link, sharded: boolean) {
  const prepare = (name: string): RunScript => prepareScript(name, sharded);
  const createRoom = prepare('create-room');
  const updateRoom = prepare('update-room');
  const joinRoom = prepare('join-room');
  const leaveRoom = prepare('leave-room');
  const setRole = prepare('set-role');
  const markRead = prepare('mark-read');
  const typing = prepare('typing');
  const standing = prepare('standing');
  const readMemberships = prepare('read-memberships');
  const listMembers = prepare('list-members');
  const appendMessage = prepare('append-message');
  const editMessage = prepare('edit-message');
  const deleteMessage = prepare('delete-message');
  const react = prepare('react');
  const replies = prepare('replies');
  const replay = prepare('replay');

  const appends = createAppendGroups({
    run: ({ keys, args, size }) => appendMessage(writer, keys, args, size),
    atTurnEnd: writer.atTurnEnd,
  });

  const write = async (run: RunScript, keys: Keys, args: readonly (string | number)[]) => {
    appends.flush(keys[0]);
    return readAnswer(await run(writer, keys, args));
  };
  const read = async (run: RunScript, keys: readonly string[], args: readonly (string | number)[]) =>
    asList(await run(reader, keys, args));

  return {
    createRoom({ id, kind, name, topic, members }: NewRoom) {
      const k = roomKeys(id);
      const joining = members.flatMap(({ userId, role, joined }) => [
        userId,
        role,
        joined === null ? '' : JSON.stringify(joined),
      ]);
      const keys: Keys = [k.room, k.timeline, k.members, k.roles, k.reads, k.staff, k.epochs, k.channel];
      return write(createRoom, keys, [kind, given(name), given(topic), ...joining]);
    },

    updateRoom({ roomId, actorId, guard, name, topic, body, keep }: Input<Rooms['update']>) {
      const k = roomKeys(roomId);
      const keys: Keys = [k.room, k.timeline, k.changes, k.roles, k.deleted, k.replies, k.epochs, k.channel];
      const changes = [given(name), topic === null ? '-' : given(topic)];
      return write(updateRoom, keys, [actorId, JSON.stringify(body), keep, ...changes, ...guards(guard)]);
    },

    joinRoom({ roomId, userId, role, body, guard, keep }: Input<Memberships['join']>) {
      return write(joinRoom, membershipKeys(roomKeys(roomId)), [userId, role, JSON.stringify(body), keep, ...guards(guard)]);
    },

    leaveRoom({ roomId, userId, body, heirBody, guard, keep }: Input<Memberships['leave']>) {
      const args = [userId, JSON.stringify(body), JSON.stringify(heirBody), keep, ...guards(guard)];
      return write(leaveRoom, membershipKeys(roomKeys(roomId)), args);
    },

    setRole({ roomId, userId, role, body, guard, keep }: Input<Memberships['setRole']>) {
      return write(setRole, membershipKeys(roomKeys(roomId)), [userId, role, JSON.stringify(body), keep, ...guards(guard)]);
    },

    markRead({ roomId, userId, number, at }: Input<Memberships['markRead']>) {
      const k = roomKeys(roomId);
      return write(markRead, [k.room, k.timeline, k.roles, k.reads, k.deleted, k.channel], [userId, number, at]);
    },

    typing({ roomId, userId, ttlMs }: Input<Memberships['typing']>) {
      const k = roomKeys(roomId);
      return write(typing, [k.room, k.roles, k.channel], [userId, ttlMs]);
    },

    standing(roomId: string, userIds: readonly string[]) {
      const k = roomKeys(roomId);
      return read(standing, [k.room, k.roles], userIds);
    },

    readMemberships(roomId: string, userIds: readonly string[]) {
      const k = roomKeys(roomId);
      return read(readMemberships, [k.room, k.roles, k.reads, k.deleted], userIds);
    },

    listMembers(roomId: string, after: number, limit: number) {
      const k = roomKeys(roomId);
      return read(listMembers, [k.room, k.members, k.roles, k.reads, k.deleted], [after, limit]);
    },

    /**
     * Answers as the script does, refusals thrown: [number, at, ordinal] with `stored` null, or the earlier message. `spending` only where a room and a user
     * lie on one server.
     */
    appendMessage: appends.append,

    editMessage({ roomId, number, at, actorId, body, mentions }: Input<Timeline['edit']>) {
      const k = roomKeys(roomId);
      const keys: Keys = [k.room, k.timeline, k.changes, k.roles, k.epochs, k.channel];
      return write(editMessage, keys, [actorId, number, at, body, ...mentions]);
    },

    deleteMessage({ roomId, number, at, actorId, guard }: Input<Timeline['delete']>) {
      const k = roomKeys(roomId);
      const keys: Keys = [k.room, k.timeline, k.changes, k.roles, k.deleted, k.epochs, k.channel];
      return write(deleteMessage, keys, [actorId, number, at, ...guards(guard)]);
    },

    react({ roomId, number, at, actorId, emoji, present, maxEmojis }: Input<Timeline['react']>) {
      const k = roomKeys(roomId);
      const keys: Keys = [k.room, k.timeline, k.changes, k.roles, k.epochs, reactionKey(roomId, number, emoji), k.channel];
      return write(react, keys, [actorId, number, at, emoji, present ? 1 : 0, maxEmojis, REACTION_PREVIEW]);
    },

    replies(roomId: string, number: number, after: number, limit: number) {
      const k = roomKeys(roomId);
      return read(replies, [k.timeline, k.replies], [number, after, limit]);
    },

    replay(roomId: string, after: number, limit: number) {
      const k = roomKeys(roomId);
      return read(replay, [k.room, k.timeline, k.changes, k.epochs], [after, limit]);
    },
  };
}

/** The scripts that work on one room. */
export type RoomScripts = ReturnType<typeof createRoomScripts>;

const membershipKeys = (k: RoomKeys): Keys => [
  k.room,
  k.timeline,
  k.changes,
  k.members,
  k.roles,
  k.reads,
  k.staff,
  k.deleted,
  k.replies,
  k.epochs,
  k.channel,
];
