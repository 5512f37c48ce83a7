import { describe, expect, it } from 'vitest';
import { directRoomId, messageId, newRoomId, newUserId } from '../../src/domain/ids.ts';
import { openServices, outcome, type Person } from '../support/services.ts';
import { onEveryStore } from '../support/stores.ts';

onEveryStore('reading, typing, presence, nodes', (site) => {
  async function furnish() {
    const all = openServices(site.store);
    const [ann, bob, eve] = [await all.signUp(), await all.signUp(), await all.signUp()];
    const room = await all.services.rooms.create(ann.viewer, { name: 'room', kind: 'PRIVATE', memberIds: [bob.user.id] });
    const send = (by: Person, body: string, roomId = room.id) => all.services.messages.send(by.viewer, { roomId, body });
    return { ...all, ann, bob, eve, room, roomId: room.id, send };
  }

  describe('reading', () => {
    it('P11: a receipt moves forward alone, and what is unread is counted from it', async () => {
      const { services, ann, bob, roomId, send } = await furnish();
      const sent = [await send(ann, '1'), await send(ann, '2'), await send(ann, '3')].map((message) => messageId(message));
      const mark = (at: number) => services.reading.markRead(bob.viewer, { roomId, messageId: sent[at] ?? '' });
      const total = () => services.reading.unreadTotal(bob.viewer, services.loaders());
      expect(await total()).toBe(3);
      expect(await mark(1)).toMatchObject({ unreadCount: 1 });
      expect(await mark(0)).toMatchObject({ unreadCount: 1 });
      expect(await total()).toBe(1);
      await services.messages.delete(ann.viewer, sent[2] ?? '');
      expect(await total()).toBe(0);
      expect(await services.reading.unreadTotal(ann.viewer, services.loaders())).toBe(0);
    });

    it('is of messages in that room, by members', async () => {
      const { services, ann, bob, eve, roomId, send } = await furnish();
      const id = messageId(await send(ann, '1'));
      const open = await services.rooms.create(ann.viewer, { name: 'open' });
      const elsewhere = messageId(await send(ann, 'x', open.id));
      const mark = (by: Person, room: string, message: string) =>
        outcome(services.reading.markRead(by.viewer, { roomId: room, messageId: message }));
      expect(await mark(bob, roomId, elsewhere)).toBe('NOT_FOUND');
      expect(await mark(bob, roomId, 'x')).toBe('NOT_FOUND');
      expect(await mark(bob, 'x', id)).toBe('NOT_FOUND');
      expect(await mark(eve, roomId, id)).toBe('NOT_FOUND');
      expect(await mark(eve, open.id, elsewhere)).toBe('FORBIDDEN');
      expect(await outcome(services.reading.markRead(null, { roomId, messageId: id }))).toBe('UNAUTHENTICATED');
    });

    it('lists the viewer’s rooms, the one active last first, in pages', async () => {
      const { services, ann, send, roomId } = await furnish();
      const rooms = [roomId];
      for (const name of ['a', 'b', 'c']) rooms.push((await services.rooms.create(ann.viewer, { name })).id);
      for (const id of [...rooms].reverse()) await send(ann, 'x', id);
      const pages: string[][] = [];
      let after: string | null = null;
      for (let more = true; more; ) {
        const page: Awaited<ReturnType<typeof services.reading.memberships>> = await services.reading.memberships(
          ann.viewer,
          services.loaders(),
          { first: 3, after },
        );
        pages.push(page.edges.map(({ node }) => node.roomId));
        after = page.endCursor;
        more = page.hasNextPage;
      }
      expect(pages.map((page) => page.length)).toEqual([3, 1]);
      expect(new Set(pages.flat())).toEqual(new Set(rooms));
      const active = await site.store.rooms.get(pages.flat());
      const times = active.map((room) => room?.activeAt ?? 0);
      expect(times).toEqual([...times].sort((a, b) => b - a));
      const read = (args: object) => services.reading.memberships(ann.viewer, services.loaders(), args);
      for (const bad of ['', 'x', `-${roomId}`, `1-${roomId}x`])
        expect(await outcome(read({ after: bad }))).toBe('BAD_USER_INPUT after');
      expect(await outcome(read({ first: 0 }))).toBe('BAD_USER_INPUT first');
    });

    it('believes the rooms, not the list of them', async () => {
      const { services, ann, roomId } = await furnish();
      // What a crash between the two steps of a join leaves.
      await site.store.joinedRooms.expect(ann.user.id, newRoomId(), 100);
      const page = await services.reading.memberships(ann.viewer, services.loaders(), {});
      expect(page.edges.map(({ node }) => node.roomId)).toEqual([roomId]);
      expect(await services.reading.unreadTotal(ann.viewer, services.loaders())).toBe(0);
    });
  });

  it('typing is for members, fades, and is counted', async () => {
    const { services, bob, eve, roomId, ann, settings } = await furnish();
    const [room] = await site.store.rooms.get([roomId]);
    const until = await services.typing.start(bob.viewer, roomId);
    expect(until).toBeGreaterThanOrEqual((room?.activeAt ?? 0) + settings.typingMs);
    expect(await outcome(services.typing.start(eve.viewer, roomId))).toBe('NOT_FOUND');
    expect(await outcome(services.typing.start(eve.viewer, 'x'))).toBe('NOT_FOUND');
    expect(await outcome(services.typing.start(null, roomId))).toBe('UNAUTHENTICATED');
    const open = await services.rooms.create(ann.viewer, { name: 'open' });
    expect(await outcome(services.typing.start(eve.viewer, open.id))).toBe('FORBIDDEN');
    const strict = openServices(site.store, { rates: { typing: { perSecond: 0.001, burst: 2 } } });
    const tries = await Promise.all(Array.from({ length: 5 }, () => outcome(strict.services.typing.start(bob.viewer, roomId))));
    expect(tries.filter((each) => each === 'ok')).toHaveLength(2);
  });

  describe('presence', () => {
    it('P9: is told to those who share a room, and to oneself', async () => {
      const { services, ann, bob, eve, roomId } = await furnish();
      await site.store.presence.renew('test', [ann.user.id], 60_000);
      const seen = (by: Person | null, whom: Person, seenIn: string | null = null) =>
        services.presence.of(by?.viewer ?? null, services.loaders(), whom.user.id, seenIn);
      for (const hint of [null, roomId, newRoomId()]) {
        expect(await seen(ann, ann, hint)).toMatchObject({ online: true, lastSeenAt: expect.any(Number) });
        expect(await seen(bob, ann, hint)).toMatchObject({ online: true });
        expect(await seen(eve, ann, hint)).toEqual({ online: false, lastSeenAt: null });
        expect(await seen(null, ann, hint)).toEqual({ online: false, lastSeenAt: null });
      }
      await services.members.remove(ann.viewer, { roomId, userId: bob.user.id });
      expect(await seen(bob, ann, roomId)).toEqual({ online: false, lastSeenAt: null });
      await services.directRooms.open(eve.viewer, ann.user.id);
      expect(await seen(eve, ann)).toMatchObject({ online: true });
    });
  });

  describe('nodes', () => {
    it('S1: name what the viewer may know of, and nothing else', async () => {
      const { services, ann, bob, eve, room, send } = await furnish();
      const open = await services.rooms.create(ann.viewer, { name: 'open' });
      const direct = await services.directRooms.open(ann.viewer, bob.user.id);
      const hiddenMessage = messageId(await send(ann, 'secret'));
      const openMessage = await send(ann, 'public', open.id);
      const forged = messageId({ ...openMessage, at: openMessage.at + 1 });
      const ids = [ann.user.id, room.id, direct.id, open.id, hiddenMessage, messageId(openMessage), forged];
      const nothing = [newUserId(), newRoomId(), directRoomId(eve.user.id, ann.user.id), '', '__proto__', 'toString', 'ru'];
      const types = async (by: Person) =>
        (await services.nodes.loadMany(by.viewer, services.loaders(), [...ids, ...nothing])).map((node) => node?.type ?? null);
      const none = nothing.map(() => null);
      expect(await types(bob)).toEqual(['user', 'room', 'room', 'room', 'message', 'message', null, ...none]);
      expect(await types(eve)).toEqual(['user', null, null, 'room', null, 'message', null, ...none]);
      expect(await outcome(services.nodes.load(null, services.loaders(), open.id))).toBe('UNAUTHENTICATED');
      expect(await outcome(services.nodes.loadMany(null, services.loaders(), []))).toBe('UNAUTHENTICATED');
      const many = Array.from({ length: 101 }, () => open.id);
      expect(await outcome(services.nodes.loadMany(ann.viewer, services.loaders(), many))).toBe('BAD_USER_INPUT ids');
    });
  });

  describe('users', () => {
    it('are found by either name', async () => {
      const { services, ann, eve } = await furnish();
      const found = await services.users.list(eve.viewer, services.loaders(), { search: ann.user.username.toUpperCase() });
      expect(found.edges.map(({ node }) => node)).toEqual([ann.user]);
      expect(await services.users.byUsername(eve.viewer, ann.user.username.toUpperCase())).toEqual(ann.user);
      expect(await services.users.byUsername(eve.viewer, 'no.such.user')).toBeNull();
      expect(await services.users.byUsername(eve.viewer, 'a b')).toBeNull();
      expect(await outcome(services.users.byUsername(null, 'a b'))).toBe('UNAUTHENTICATED');
      expect(await outcome(services.users.list(null, services.loaders(), {}))).toBe('UNAUTHENTICATED');
    });
  });
});
