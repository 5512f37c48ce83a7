import { describe, expect, it } from 'vitest';
import { StaleGuardError } from '../../src/domain/errors.ts';
import { newRoomId, newUserId } from '../../src/domain/ids.ts';
import type { MemberRole } from '../../src/domain/room.ts';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';
import { allEntries, atOnce, JS_NAMES, listen, makeRoom, outcomes, send } from './fixtures.ts';

onEveryStore('memberships', (site) => {
  const join = (
    roomId: string,
    userId: string,
    given: { role?: MemberRole; guard?: { userId: string; role: MemberRole | null }[] } = {},
    store = site.store,
  ) =>
    store.memberships.join({ roomId, userId, role: given.role ?? 'MEMBER', body: 'joined', guard: given.guard ?? [], keep: 0 });
  const leave = (roomId: string, userId: string, guard: { userId: string; role: MemberRole | null }[] = [], store = site.store) =>
    store.memberships.leave({ roomId, userId, body: 'left', heirBody: 'is now the owner', guard, keep: 0 });
  const setRole = (
    roomId: string,
    userId: string,
    role: MemberRole,
    guard: { userId: string; role: MemberRole | null }[] = [],
    store = site.store,
  ) => store.memberships.setRole({ roomId, userId, role, body: `is now ${role}`, guard, keep: 0 });
  const roles = async (roomId: string, ...userIds: string[]) => (await site.other.memberships.standing(roomId, userIds))?.roles;

  describe('joining', () => {
    it('P1 P11 makes a member as one event, whose receipt stands at the join', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a] });
      await send(site.store, room.id, a);
      const { membership, joined } = await join(room.id, b);
      expect(joined).toBe(true);
      const entry = (await allEntries(site.other, room.id)).at(-1);
      expect(entry).toMatchObject({ number: 3, kind: 'MEMBER_JOINED', authorId: b, body: 'joined', role: null, ordinal: 1 });
      expect(membership).toEqual({
        roomId: room.id,
        userId: b,
        role: 'MEMBER',
        joinedAt: entry?.at,
        receipt: { number: 3, ordinal: 1, messageAt: entry?.at, readAt: entry?.at },
        unreadCount: 0,
      });
      expect(await site.other.memberships.get([{ roomId: room.id, userId: b }])).toEqual([membership]);
      expect(await site.other.rooms.get([room.id])).toMatchObject([
        { memberCount: 2, position: { number: 3 }, activeAt: entry?.at },
      ]);
    });

    it('keeps the role given on the entry where it is not the ordinary one', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a] });
      expect((await join(room.id, b, { role: 'MODERATOR' })).membership.role).toBe('MODERATOR');
      expect((await allEntries(site.store, room.id)).at(-1)).toMatchObject({ kind: 'MEMBER_JOINED', role: 'MODERATOR' });
    });

    it('happens once, of however many calls at once, and changes nothing for a member', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a] });
      const answers = await Promise.all(atOnce(site, 50, (store) => join(room.id, b, {}, store)));
      expect(answers.filter(({ joined }) => joined)).toHaveLength(1);
      for (const { membership } of answers) expect(membership).toEqual(answers[0]?.membership);
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ memberCount: 2, position: { number: 2 } }]);
      await setRole(room.id, b, 'MODERATOR');
      expect(await join(room.id, b, { role: 'MEMBER' })).toMatchObject({ joined: false, membership: { role: 'MODERATOR' } });
    });

    it('makes whoever joins a room without an owner its owner, one of many at once', async () => {
      const { room } = await site.store.rooms.create({
        id: newRoomId(),
        kind: 'PUBLIC',
        name: 'General',
        topic: null,
        members: [],
      });
      const users = Array.from({ length: 20 }, () => newUserId());
      await Promise.all(atOnce(site, 20, (store, index) => join(room.id, users[index] ?? '', {}, store)));
      expect((await roles(room.id, ...users))?.filter((role) => role === 'OWNER')).toHaveLength(1);
      const [first, ...rest] = await allEntries(site.store, room.id);
      expect(first?.role).toBe('OWNER');
      expect(rest.map(({ role }) => role)).toEqual(rest.map(() => null));
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ memberCount: 20, position: { number: 20 } }]);
    });

    it('makes one who comes again a new member, the last in order', async () => {
      const [a, b, c] = [newUserId(), newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b, c] });
      await leave(room.id, b);
      await send(site.store, room.id, a);
      const { membership } = await join(room.id, b);
      expect(membership).toMatchObject({ unreadCount: 0, receipt: { number: 6, ordinal: 1 } });
      const { members } = await site.store.memberships.list(room.id, { after: null, limit: 10 });
      expect(members.map((each) => each.membership.userId)).toEqual([a, c, b]);
    });

    it('S34 is refused where a guard no longer holds or there is no such room', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a] });
      await expect(join(room.id, b, { guard: [{ userId: a, role: 'MODERATOR' }] })).rejects.toBeInstanceOf(StaleGuardError);
      await expect(join(room.id, a, { guard: [{ userId: a, role: null }] })).rejects.toBeInstanceOf(StaleGuardError);
      await expect(join(newRoomId(), b)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await site.store.rooms.get([room.id])).toEqual([room]);
      expect(await roles(room.id, b)).toEqual([null]);
    });
  });

  describe('leaving', () => {
    it('P7 ends the membership as one event', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const heard = await listen(site.other, room.id);
      expect(await leave(room.id, b)).toEqual({ left: true });
      await waitFor(() => heard.events.length > 0, { what: 'the event' });
      expect(heard.events).toMatchObject([
        { type: 'member-left', position: { number: 3 }, message: { authorId: b, body: 'left', kind: 'MEMBER_LEFT' } },
      ]);
      expect(await site.other.memberships.get([{ roomId: room.id, userId: b }])).toEqual([null]);
      expect(await site.other.rooms.get([room.id])).toMatchObject([{ memberCount: 1, position: { number: 3 } }]);
      await expect(send(site.store, room.id, b)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await heard.end();
    });

    it('happens once, of however many calls at once', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const answers = await Promise.all(atOnce(site, 50, (store) => leave(room.id, b, [], store)));
      expect(answers.filter(({ left }) => left)).toHaveLength(1);
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ memberCount: 1, position: { number: 3 } }]);
      expect(await leave(room.id, newUserId())).toEqual({ left: false });
    });

    it.each([
      ['the oldest moderator', ['OWNER', 'MEMBER', 'MODERATOR', 'MODERATOR'], 2],
      ['else the oldest member', ['OWNER', 'MEMBER', 'MEMBER'], 1],
      ['nobody while there is another owner', ['OWNER', 'MODERATOR', 'OWNER'], null],
    ] as const)('S34 hands the room over to %s', async (_, given, heir) => {
      const users = given.map((role) => ({ userId: newUserId(), role }));
      const room = await makeRoom(site.store, { members: users });
      const heard = await listen(site.other, room.id);
      await leave(room.id, users[0]?.userId ?? '');
      const heirId = heir === null ? null : users[heir]?.userId;
      await waitFor(() => heard.events.length === (heirId ? 2 : 1), { what: 'the events' });
      const left = { type: 'member-left', position: { number: given.length + 1 }, message: { authorId: users[0]?.userId } };
      const made = {
        type: 'room-updated',
        position: { number: given.length + 2 },
        message: { authorId: heirId, role: 'OWNER', body: 'is now the owner' },
      };
      expect(heard.events).toMatchObject(heirId ? [left, made] : [left]);
      if (heirId) expect(await roles(room.id, heirId)).toEqual(['OWNER']);
      await heard.end();
    });

    it('leaves an empty room behind, whose next member owns it', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a] });
      await leave(room.id, a);
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ memberCount: 0, position: { number: 2 } }]);
      expect((await join(room.id, b)).membership.role).toBe('OWNER');
    });

    it('S34 always leaves an owner, when all owners leave at once', async () => {
      for (let round = 0; round < 10; round += 1) {
        const users = Array.from({ length: 6 }, (_, index) => ({
          userId: newUserId(),
          role: index < 4 ? ('OWNER' as const) : ('MEMBER' as const),
        }));
        const room = await makeRoom(site.store, { members: users });
        await Promise.all(atOnce(site, 4, (store, index) => leave(room.id, users[index]?.userId ?? '', [], store)));
        expect(await roles(room.id, users[4]?.userId ?? '', users[5]?.userId ?? '')).toEqual(['OWNER', 'MEMBER']);
        expect((await site.store.rooms.get([room.id]))[0]?.position.number).toBe(6 + 4 + 1);
      }
    });

    it('S34 is refused where a guard no longer holds or there is no such room', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      await expect(leave(room.id, b, [{ userId: a, role: 'MODERATOR' }])).rejects.toBeInstanceOf(StaleGuardError);
      await expect(leave(newRoomId(), b)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await site.store.rooms.get([room.id])).toEqual([room]);
    });
  });

  describe('roles', () => {
    it('P1 change as one event that tells the role', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      expect(await setRole(room.id, b, 'MODERATOR')).toMatchObject({ userId: b, role: 'MODERATOR', receipt: { number: 2 } });
      expect(await setRole(room.id, b, 'MEMBER')).toMatchObject({ role: 'MEMBER' });
      const entries = await allEntries(site.other, room.id);
      expect(entries.slice(2)).toMatchObject([
        { number: 3, kind: 'ROOM_UPDATED', authorId: b, role: 'MODERATOR', body: 'is now MODERATOR' },
        { number: 4, kind: 'ROOM_UPDATED', authorId: b, role: 'MEMBER' },
      ]);
    });

    it('stay without an event where nothing changes', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      expect(await setRole(room.id, b, 'MEMBER')).toMatchObject({ role: 'MEMBER' });
      expect(await setRole(room.id, a, 'OWNER')).toMatchObject({ role: 'OWNER' });
      expect(await site.store.rooms.get([room.id])).toEqual([room]);
    });

    it('S34 never leave a room without an owner', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      await expect(setRole(room.id, a, 'MEMBER')).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await roles(room.id, a, b)).toEqual(['OWNER', 'MEMBER']);
      expect(await site.store.rooms.get([room.id])).toEqual([room]);
      await setRole(room.id, b, 'OWNER');
      await setRole(room.id, a, 'MEMBER');
      expect(await roles(room.id, a, b)).toEqual(['MEMBER', 'OWNER']);
    });

    it('S34 let one of two owners who demote each other at once win', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [a, b] = [newUserId(), newUserId()];
        const members = [a, b].map((userId) => ({ userId, role: 'OWNER' as const }));
        const room = await makeRoom(site.store, { members });
        const guard = [
          { userId: a, role: 'OWNER' as const },
          { userId: b, role: 'OWNER' as const },
        ];
        const { done, failed } = await outcomes(
          atOnce(site, 2, (store, index) => setRole(room.id, index === 0 ? b : a, 'MEMBER', guard, store)),
        );
        expect([done.length, failed.length]).toEqual([1, 1]);
        expect(failed[0]).toBeInstanceOf(StaleGuardError);
        expect([...((await roles(room.id, a, b)) ?? [])].sort()).toEqual(['MEMBER', 'OWNER']);
      }
    });

    it('are refused for those who are no members and in rooms that there are not', async () => {
      const room = await makeRoom(site.store);
      await expect(setRole(room.id, newUserId(), 'OWNER')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'There is no such member.',
      });
      await expect(setRole(newRoomId(), newUserId(), 'OWNER')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'There is no such room.',
      });
      const stale = [{ userId: newUserId(), role: 'OWNER' as const }];
      await expect(setRole(room.id, newUserId(), 'OWNER', stale)).rejects.toBeInstanceOf(StaleGuardError);
    });
  });

  describe('reading', () => {
    it('answers for many rooms and users in the order asked', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const [one, two] = [await makeRoom(site.store, { members: [a, b] }), await makeRoom(site.store, { members: [b] })];
      const pairs = [
        { roomId: two.id, userId: a },
        { roomId: two.id, userId: b },
        { roomId: one.id, userId: a },
        { roomId: newRoomId(), userId: a },
        { roomId: one.id, userId: b },
        { roomId: one.id, userId: b },
        ...JS_NAMES.map((name) => ({ roomId: one.id, userId: name })),
      ];
      const found = await site.other.memberships.get(pairs);
      expect(found.map((each) => each && [each.roomId, each.userId, each.role])).toEqual([
        null,
        [two.id, b, 'OWNER'],
        [one.id, a, 'OWNER'],
        null,
        [one.id, b, 'MEMBER'],
        [one.id, b, 'MEMBER'],
        ...JS_NAMES.map(() => null),
      ]);
      expect(await site.store.memberships.get([])).toEqual([]);
    });

    it('lists members in join order, whatever the page size, past those who have left', async () => {
      const users = Array.from({ length: 7 }, () => newUserId());
      const room = await makeRoom(site.store, { members: users });
      for (const limit of [1, 2, 3, 7, 100]) {
        const found: string[] = [];
        let after: string | null = null;
        for (;;) {
          const page = await site.other.memberships.list(room.id, { after, limit });
          found.push(...page.members.map(({ membership }) => membership.userId));
          after = page.members.at(-1)?.cursor ?? null;
          expect(page.hasMore).toBe(found.length < users.length);
          if (!page.hasMore) break;
        }
        expect(found).toEqual(users);
      }
      const page = await site.store.memberships.list(room.id, { after: null, limit: 3 });
      await leave(room.id, users[2] ?? '');
      const rest = await site.store.memberships.list(room.id, { after: page.members[2]?.cursor ?? null, limit: 2 });
      expect(rest.members.map(({ membership }) => membership.userId)).toEqual(users.slice(3, 5));
      expect(rest.hasMore).toBe(true);
      expect(await site.store.memberships.list(newRoomId(), { after: null, limit: 2 })).toEqual({ members: [], hasMore: false });
    });

    it('S33 refuses a cursor it cannot read', async () => {
      const room = await makeRoom(site.store);
      for (const after of ['', 'x', '-1', '1.5', ' 1', '1e3', '9'.repeat(40), '__proto__', '\u0000', '{}']) {
        await expect(site.store.memberships.list(room.id, { after, limit: 2 }), after).rejects.toMatchObject({
          code: 'BAD_USER_INPUT',
          field: 'after',
        });
      }
    });

    it('tells kind, position and roles in one answer', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { kind: 'PRIVATE', members: [a, { userId: b, role: 'MODERATOR' }] });
      expect(await site.other.memberships.standing(room.id, [b, newUserId(), a, 'constructor'])).toEqual({
        kind: 'PRIVATE',
        position: room.position,
        roles: ['MODERATOR', null, 'OWNER', null],
      });
      expect(await site.store.memberships.standing(room.id, [])).toEqual({ kind: 'PRIVATE', position: room.position, roles: [] });
      expect(await site.store.memberships.standing(newRoomId(), [a])).toBeNull();
    });
  });

  describe('receipts', () => {
    const read = (roomId: string, userId: string, message: { number: number; at: number }, store = site.store) =>
      store.memberships.markRead({ roomId, userId, number: message.number, at: message.at });

    it('P11 move forward only, and say so', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const sent = [await send(site.store, room.id, a), await send(site.store, room.id, a), await send(site.store, room.id, a)];
      const [first, second, third] = sent;
      if (!first || !second || !third) throw new Error('unreachable');
      const heard = await listen(site.other, room.id);
      const moved = await read(room.id, b, second);
      expect(moved).toMatchObject({ unreadCount: 1, receipt: { number: second.number, ordinal: 2, messageAt: second.at } });
      expect(moved.receipt.readAt).toBeGreaterThanOrEqual(second.at);
      expect(await read(room.id, b, first)).toEqual(moved);
      expect(await read(room.id, b, second)).toEqual(moved);
      expect(await read(room.id, b, third)).toMatchObject({ unreadCount: 0, receipt: { number: third.number, ordinal: 3 } });
      await waitFor(() => heard.signals.length >= 2, { what: 'the signals' });
      expect(heard.signals).toMatchObject([
        { type: 'receipt-moved', userId: b, receipt: moved.receipt },
        { type: 'receipt-moved', userId: b, receipt: { number: third.number } },
      ]);
      expect(heard.events).toEqual([]);
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ position: { number: 5 } }]);
      await heard.end();
    });

    it('P11 end at the furthest of many moved at once', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const sent = await Promise.all(Array.from({ length: 20 }, () => send(site.store, room.id, a)));
      await Promise.all(
        atOnce(site, 20, (store, index) => read(room.id, b, sent[(index * 7) % 20] ?? { number: 0, at: 0 }, store)),
      );
      expect(await site.store.memberships.get([{ roomId: room.id, userId: b }])).toMatchObject([
        { unreadCount: 0, receipt: { number: 22, ordinal: 20 } },
      ]);
    });

    it('P11 can stand at a system message and at a tombstone', async () => {
      const [a, b, c] = [newUserId(), newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const sent = await send(site.store, room.id, a);
      await join(room.id, c);
      await site.store.timeline.delete({ ...sent, actorId: a, guard: [] });
      expect(await read(room.id, b, sent)).toMatchObject({ receipt: { number: 3, ordinal: 1 }, unreadCount: 0 });
      const entry = (await allEntries(site.store, room.id)).at(-1);
      expect(await read(room.id, b, entry ?? sent)).toMatchObject({ receipt: { number: 4, ordinal: 1 } });
    });

    it('are refused at messages that there are not, and to those who are no members', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a] });
      const hidden = await makeRoom(site.store, { kind: 'PRIVATE', members: [a] });
      const sent = await send(site.store, room.id, a);
      const secret = await send(site.store, hidden.id, a);
      for (const wrong of [
        { ...sent, at: sent.at + 1 },
        { ...sent, number: 99 },
        { number: 0, at: 0 },
      ]) {
        await expect(read(room.id, a, wrong)).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'There is no such message.' });
      }
      await expect(read(room.id, b, sent)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(read(hidden.id, b, secret)).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'There is no such room.' });
      await expect(read(hidden.id, b, { number: 99, at: 1 })).rejects.toMatchObject({ message: 'There is no such room.' });
      await expect(read(newRoomId(), b, sent)).rejects.toMatchObject({ message: 'There is no such room.' });
    });
  });

  describe('typing', () => {
    it('P9 is told to the room and stored nowhere', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const heard = await listen(site.other, room.id);
      const expiresAt = await site.store.memberships.typing({ roomId: room.id, userId: b, ttlMs: 3000 });
      expect(Math.abs(expiresAt - Date.now() - 3000)).toBeLessThan(60_000);
      await waitFor(() => heard.signals.length > 0, { what: 'the signal' });
      expect(heard.signals).toEqual([{ type: 'typing', userId: b, expiresAt }]);
      expect(await site.store.rooms.get([room.id])).toEqual([room]);
      await heard.end();
    });

    it('S2 is refused to those who are no members, without a sign to the room', async () => {
      const room = await makeRoom(site.store, { kind: 'PRIVATE' });
      const open = await makeRoom(site.store);
      const heard = await listen(site.other, room.id);
      const typing = (roomId: string) => site.store.memberships.typing({ roomId, userId: newUserId(), ttlMs: 3000 });
      await expect(typing(room.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(typing(open.id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(typing(newRoomId())).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await site.store.feed.signal([room.id], { type: 'typing', userId: 'last', expiresAt: 0 });
      await waitFor(() => heard.signals.length > 0, { what: 'the signal' });
      expect(heard.signals).toMatchObject([{ userId: 'last' }]);
      await heard.end();
    });
  });
});
