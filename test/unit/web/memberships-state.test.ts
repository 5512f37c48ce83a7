import { describe, expect, it } from 'vitest';
import type { Membership, ViewerEvent } from '../../../web/src/rooms/documents.ts';
import { inOrder, type MembershipsAction, NO_MEMBERSHIPS, reduceMemberships } from '../../../web/src/rooms/memberships-state.ts';

const membership = (id: string, unreadCount = 0, second = 0): Membership => ({
  room: {
    ...{ id, kind: 'PUBLIC', name: id, members: { nodes: [] } },
    lastMessage: { id: `m${id}`, createdAt: `2026-01-01T00:00:0${second}.000Z` },
  },
  unreadCount,
});
const updated = (one: Membership): MembershipsAction => event({ __typename: 'MembershipUpdated', membership: one });
const event = (what: ViewerEvent): MembershipsAction => ({ type: 'event', event: what });
const listed = (...memberships: Membership[]): MembershipsAction => ({ type: 'listed', memberships });
const stateAfter = (...actions: MembershipsAction[]) => actions.reduce(reduceMemberships, NO_MEMBERSHIPS);
const counts = (...actions: MembershipsAction[]) =>
  Object.fromEntries(inOrder(stateAfter(...actions)).map(({ room, unreadCount }) => [room.id, unreadCount]));

describe('the list of rooms', () => {
  it('is what was read and what happened since', () => {
    const added = event({ __typename: 'MembershipAdded', membership: membership('c') });
    const removed = event({ __typename: 'MembershipRemoved', roomId: 'a' });
    expect(
      counts({ type: 'asked' }, listed(membership('a'), membership('b')), added, removed, updated(membership('b', 4))),
    ).toEqual({
      b: 4,
      c: 0,
    });
  });

  it('believes an event more than a list that was on its way when it came', () => {
    const removed = event({ __typename: 'MembershipRemoved', roomId: 'gone' });
    const list = listed(membership('a', 1), membership('gone'), membership('b', 1));
    expect(counts({ type: 'asked' }, updated(membership('a', 5)), removed, list)).toEqual({ a: 5, b: 1 });
  });

  it('believes a list more than what was known before it was asked for', () => {
    const before = [{ type: 'asked' } as const, listed(membership('a', 1), membership('left')), updated(membership('a', 2))];
    expect(counts(...before, { type: 'asked' }, listed(membership('a', 7)))).toEqual({ a: 7 });
  });

  it('has the most recently active room first', () => {
    const rooms = inOrder(stateAfter(listed(membership('a', 0, 1), membership('b', 0, 3), membership('c', 0, 2))));
    expect(rooms.map(({ room }) => room.id)).toEqual(['b', 'c', 'a']);
  });
});
