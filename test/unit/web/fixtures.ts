import type { Message, MessagePage, RoomEvent } from '../../../web/src/room/documents.ts';

/** A message of the timeline. */
export const message = (id: string, more: Partial<Message> = {}): Message => ({
  ...{ id, body: id, kind: 'TEXT', cursor: `c${id}`, createdAt: '2026-01-01T00:00:00.000Z', editedAt: null, deletedAt: null },
  ...{ idempotencyKey: null, mentions: [], reactions: [], replyCount: 0, replyTo: null },
  author: { id: 'u1', username: 'alice', displayName: 'Alice' },
  ...more,
});

/** A page of them; `earlier` and `later` are where more lies. */
export const page = (ids: readonly string[], earlier: string | null = null, later: string | null = null): MessagePage => ({
  nodes: ids.map((id) => message(id)),
  pageInfo: { hasPreviousPage: earlier !== null, startCursor: earlier, hasNextPage: later !== null, endCursor: later },
});

const room = (messages: MessagePage) => ({
  ...{ id: 'r1', kind: 'PUBLIC' as const, name: 'Room', topic: null, memberCount: 2, messages },
  members: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } },
});

/** What a room begins with. */
export const caughtUp = (ids: readonly string[], earlier: string | null = null): RoomEvent => ({
  ...{ __typename: 'CaughtUp', cursor: 'e.1' },
  room: room(page(ids, earlier)),
});

/** What it begins anew with. */
export const reset = (ids: readonly string[]): RoomEvent => ({
  ...{ __typename: 'Reset', cursor: 'f.9', reason: 'FORKED' },
  room: room(page(ids)),
});

/** A message that was sent. */
export const sent = (id: string, more: Partial<Message> = {}): RoomEvent => ({
  ...{ __typename: 'MessageSent', cursor: 'e.2' },
  message: message(id, more),
});
