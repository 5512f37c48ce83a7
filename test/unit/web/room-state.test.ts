import { describe, expect, it } from 'vitest';
import type { Message, MessagePage, RoomEvent } from '../../../web/src/room/documents.ts';
import { EMPTY_ROOM, type RoomState, reduceRoom } from '../../../web/src/room/room-state.ts';

const message = (id: string, body = id): Message => ({
  ...{ id, body, kind: 'TEXT', createdAt: '2026-01-01T00:00:00.000Z', editedAt: null, deletedAt: null, idempotencyKey: null },
  author: { id: 'u1', displayName: 'Alice' },
});
const page = (ids: readonly string[], startCursor: string | null = null): MessagePage => ({
  nodes: ids.map((id) => message(id)),
  pageInfo: { hasPreviousPage: startCursor !== null, startCursor },
});
const caughtUp = (ids: readonly string[], startCursor: string | null = null): RoomEvent => ({
  ...{ __typename: 'CaughtUp', cursor: 'e.1' },
  room: { id: 'r1', memberCount: 2, messages: page(ids, startCursor) },
});
const sent = (id: string): RoomEvent => ({ __typename: 'MessageSent', cursor: 'e.2', message: message(id) });
const stateAfter = (events: readonly RoomEvent[], state: RoomState = EMPTY_ROOM) =>
  events.reduce((now, event) => reduceRoom(now, { type: 'event', event }), state);
const ids = (state: RoomState) => state.messages.map(({ id }) => id);

describe('a room on the screen', () => {
  it('is the snapshot and what follows it', () => {
    const state = stateAfter([caughtUp(['a', 'b']), sent('c')]);
    expect(state.ready).toBe(true);
    expect(ids(state)).toEqual(['a', 'b', 'c']);
  });

  it('shows a message once that is in the snapshot and comes again as an event', () => {
    expect(ids(stateAfter([caughtUp(['a', 'b']), sent('b'), sent('c'), sent('c')]))).toEqual(['a', 'b', 'c']);
  });

  it('keeps what it has when it has caught up without a snapshot', () => {
    const resumed: RoomEvent = { __typename: 'CaughtUp', cursor: 'e.3', room: { id: 'r1' } };
    expect(ids(stateAfter([caughtUp(['a']), sent('b'), resumed, sent('c')]))).toEqual(['a', 'b', 'c']);
  });

  it('begins anew at a reset', () => {
    const reset: RoomEvent = {
      ...{ __typename: 'Reset', cursor: 'f.9', reason: 'FORKED' },
      room: { memberCount: 3, messages: page(['x', 'y']) },
    };
    const state = stateAfter([caughtUp(['a']), sent('b'), reset, sent('z')]);
    expect(ids(state)).toEqual(['x', 'y', 'z']);
    expect(state.memberCount).toBe(3);
  });

  it('puts a changed message where it was, and leaves out one that is not shown', () => {
    const changed = (id: string): RoomEvent => ({ __typename: 'MessageUpdated', cursor: 'e.4', message: message(id, 'new') });
    const state = stateAfter([caughtUp(['a', 'b']), changed('a'), changed('long-ago')]);
    expect(state.messages.map(({ body }) => body)).toEqual(['new', 'b']);
  });

  it('takes system messages from the end of the timeline that comes with a member event', () => {
    const joined: RoomEvent = {
      ...{ __typename: 'MemberJoined', cursor: 'e.5' },
      room: { memberCount: 3, messages: page(['b', 'joined']) },
    };
    const state = stateAfter([caughtUp(['a', 'b']), joined, sent('c')]);
    expect(ids(state)).toEqual(['a', 'b', 'joined', 'c']);
    expect(state.memberCount).toBe(3);
  });

  it('puts earlier messages before', () => {
    const state = stateAfter([caughtUp(['c', 'd'], 'cursor-c')]);
    expect(state.earlier).toBe('cursor-c');
    const more = reduceRoom(state, { type: 'earlier', page: page(['a', 'b']) });
    expect(ids(more)).toEqual(['a', 'b', 'c', 'd']);
    expect(more.earlier).toBe(null);
  });

  it('is not touched by what it does not show', () => {
    const typing: RoomEvent = { __typename: 'TypingStarted', cursor: null };
    const state = stateAfter([caughtUp(['a'])]);
    expect(stateAfter([typing], state)).toBe(state);
  });
});
