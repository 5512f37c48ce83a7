import { describe, expect, it } from 'vitest';
import { directRoomId, isRoomId, newRoomId, newUserId } from '../../src/domain/ids.ts';
import type { Room } from '../../src/domain/room.ts';
import { openServices, outcome, type Person, unique } from '../support/services.ts';
import { onEveryStore } from '../support/stores.ts';

onEveryStore('rooms', (site) => {
  const open = (...args: Parameters<typeof openServices> extends [unknown, ...infer Rest] ? Rest : never) =>
    openServices(site.store, ...args);

  const joined = async ({ services }: ReturnType<typeof open>, { viewer }: Person) =>
    (await services.reading.memberships(viewer, services.loaders(), {})).edges.map(({ node }) => node.roomId);

  describe('making one', () => {
    it('makes the viewer its owner and the others members, in that order, and tells so in the timeline', async () => {
      const all = open();
      const { services } = all;
      const [ann, bob, eve] = [await all.signUp(unique('ann'), 'Ann'), await all.signUp(), await all.signUp()];
      const room = await services.rooms.create(ann.viewer, {
        name: '  Tea  ',
        kind: 'PRIVATE',
        topic: ' leaves ',
        memberIds: [bob.user.id, eve.user.id, bob.user.id, ann.user.id],
      });
      expect(room).toMatchObject({ kind: 'PRIVATE', name: 'Tea', topic: 'leaves', memberCount: 3 });
      const members = await services.members.list(room.id, {});
      expect(members.edges.map(({ node }) => [node.userId, node.role])).toEqual([
        [ann.user.id, 'OWNER'],
        [bob.user.id, 'MEMBER'],
        [eve.user.id, 'MEMBER'],
      ]);
      const page = await services.messages.page(services.loaders(), room.id, {});
      expect(page.edges.map(({ node }) => [node.authorId, node.body])).toEqual([
        [ann.user.id, 'created the room'],
        [bob.user.id, 'was added by Ann'],
        [eve.user.id, 'was added by Ann'],
      ]);
      for (const person of [ann, bob, eve]) expect(await joined(all, person)).toEqual([room.id]);
    });

    it.each([
      ['input.name', { name: '' }],
      ['input.name', { name: 'x'.repeat(81) }],
      ['input.name', { name: 'a\u2028b' }],
      ['input.name', { name: '\ud800' }],
      ['input.topic', { name: 'fine', topic: 'x'.repeat(251) }],
      ['input.kind', { name: 'fine', kind: 'DIRECT' as const }],
      ['input.memberIds', { name: 'fine', memberIds: ['__proto__'] }],
      ['input.memberIds', { name: 'fine', memberIds: [`u${'0'.repeat(15)}`] }],
      ['input.memberIds', { name: 'fine', memberIds: Array.from({ length: 101 }, newUserId) }],
    ])('names %s where it cannot be used', async (field, input) => {
      const { services, signUp } = open();
      const { viewer } = await signUp();
      expect(await outcome(services.rooms.create(viewer, input))).toBe(`BAD_USER_INPUT ${field}`);
    });

    it('asks to be signed in first', async () => {
      const { services } = open();
      expect(await outcome(services.rooms.create(null, { name: '' }))).toBe('UNAUTHENTICATED');
    });

    it('is refused to one who is in as many rooms as allowed', async () => {
      const { services, signUp } = open({ limits: { roomsPerUser: 2 } });
      const [ann, bob] = [await signUp(), await signUp()];
      for (let n = 0; n < 2; n += 1) await services.rooms.create(ann.viewer, { name: 'one' });
      expect(await outcome(services.rooms.create(ann.viewer, { name: 'too many' }))).toMatch(/^CONFLICT/);
      expect(await outcome(services.rooms.create(bob.viewer, { name: 'too many', memberIds: [ann.user.id] }))).toMatch(
        /^CONFLICT/,
      );
      expect(await outcome(services.directRooms.open(bob.viewer, ann.user.id))).toMatch(/^CONFLICT/);
    });
  });

  describe('finding one', () => {
    it('S1: a private or direct room is found by its members alone; to others it looks as one that is not', async () => {
      const { services, signUp } = open();
      const [ann, bob, eve] = [await signUp(), await signUp(), await signUp()];
      const find = (person: Person | null, id: string) => services.rooms.find(person?.viewer ?? null, services.loaders(), id);
      const open_ = await services.rooms.create(ann.viewer, { name: 'open' });
      const hidden = await services.rooms.create(ann.viewer, { name: 'hidden', kind: 'PRIVATE', memberIds: [bob.user.id] });
      const direct = await services.directRooms.open(ann.viewer, bob.user.id);
      for (const room of [hidden, direct]) {
        expect(await find(ann, room.id)).toMatchObject({ id: room.id });
        expect(await find(bob, room.id)).toMatchObject({ id: room.id });
        expect(await find(eve, room.id)).toBeNull();
      }
      expect(await find(eve, open_.id)).toMatchObject({ id: open_.id });
      for (const id of [newRoomId(), directRoomId(eve.user.id, ann.user.id), '', '__proto__', 'rooms', ann.user.id]) {
        expect(await find(eve, id)).toBeNull();
      }
      expect(await outcome(find(null, open_.id))).toBe('UNAUTHENTICATED');
    });

    it('lists public rooms alone, by name, found by the start of any word', async () => {
      const { services, signUp } = open();
      const { viewer } = await signUp();
      const word = unique('w');
      for (const name of [`${word} b`, `a ${word}`, `ünder ${word.toUpperCase()}`]) await services.rooms.create(viewer, { name });
      await services.rooms.create(viewer, { name: `${word} hidden`, kind: 'PRIVATE' });
      const page = await services.rooms.list(viewer, services.loaders(), { search: word.slice(0, -1) });
      expect(page.edges.map(({ node }) => node.name).sort()).toEqual(
        [`a ${word}`, `${word} b`, `ünder ${word.toUpperCase()}`].sort(),
      );
    });

    it('pages through them', async () => {
      const { services, signUp } = open();
      const { viewer } = await signUp();
      const word = unique('pg');
      const names = Array.from({ length: 7 }, (_, n) => `${word} ${n}`);
      await Promise.all(names.map((name) => services.rooms.create(viewer, { name })));
      const seen: (string | null)[] = [];
      let after: string | null = null;
      for (let more = true; more; ) {
        const page: Awaited<ReturnType<typeof services.rooms.list>> = await services.rooms.list(viewer, services.loaders(), {
          search: word,
          first: 3,
          after,
        });
        expect(page.hasPreviousPage).toBe(after !== null);
        seen.push(...page.edges.map(({ node }) => node.name));
        after = page.endCursor;
        more = page.hasNextPage;
      }
      expect(seen).toEqual(names);
      expect(await outcome(services.rooms.list(viewer, services.loaders(), { first: 0 }))).toBe('BAD_USER_INPUT first');
      expect(await outcome(services.rooms.list(viewer, services.loaders(), { after: 'x' }))).toBe('BAD_USER_INPUT after');
      expect(await outcome(services.rooms.list(viewer, services.loaders(), { search: 'x'.repeat(101) }))).toBe(
        'BAD_USER_INPUT search',
      );
    });

    it('leaves out and puts right what the list has wrong', async () => {
      const { services, signUp } = open();
      const { viewer } = await signUp();
      const word = unique('lag');
      const renamed = await services.rooms.create(viewer, { name: `${word} new` });
      const hidden = await services.rooms.create(viewer, { name: `${word} hidden`, kind: 'PRIVATE' });
      const { directory } = site.store;
      await directory.put('rooms', { id: renamed.id, name: `${word} old` });
      await directory.put('rooms', { id: hidden.id, name: `${word} hidden` });
      await directory.put('rooms', { id: newRoomId(), name: `${word} gone` });
      const list = () => services.rooms.list(viewer, services.loaders(), { search: word });
      expect((await list()).edges.map(({ node }) => node.name)).toEqual([`${word} new`]);
      const { entries } = await directory.list('rooms', { search: word, after: null, limit: 10 });
      expect(entries.map(({ id, name }) => [id, name])).toEqual([[renamed.id, `${word} new`]]);
    });
  });

  describe('changing one', () => {
    it('appends what changed, and nothing where nothing did', async () => {
      const { services, signUp } = open();
      const { viewer } = await signUp();
      const word = unique('ch');
      const room = await services.rooms.create(viewer, { name: `${word} old`, topic: 'leaves' });
      const update = (input: object) => services.rooms.update(viewer, { roomId: room.id, ...input });
      expect(await update({ name: `${word} new` })).toMatchObject({ name: `${word} new`, topic: 'leaves' });
      expect(await update({ topic: '' })).toMatchObject({ name: `${word} new`, topic: null });
      const still = await update({ name: `${word} new`, topic: null });
      expect(still.position.number).toBe(room.position.number + 2);
      expect((await update({})).position).toEqual(still.position);
      const page = await services.messages.page(services.loaders(), room.id, { last: 2 });
      expect(page.edges.map(({ node }) => [node.kind, node.body])).toEqual([
        ['ROOM_UPDATED', `renamed the room to ${word} new`],
        ['ROOM_UPDATED', 'removed the topic'],
      ]);
      const found = await services.rooms.list(viewer, services.loaders(), { search: word });
      expect(found.edges.map(({ node }) => node.name)).toEqual([`${word} new`]);
      expect(await outcome(update({ name: ' ' }))).toBe('BAD_USER_INPUT input.name');
    });

    it('is for owners and moderators, and to outsiders of a private room there is none', async () => {
      const { services, signUp } = open();
      const [ann, bob, eve] = [await signUp(), await signUp(), await signUp()];
      const rename = (person: Person, room: Room) =>
        outcome(services.rooms.update(person.viewer, { roomId: room.id, name: 'new' }));
      const hidden = await services.rooms.create(ann.viewer, { name: 'hidden', kind: 'PRIVATE', memberIds: [bob.user.id] });
      expect(await rename(bob, hidden)).toBe('FORBIDDEN');
      expect(await rename(eve, hidden)).toBe('NOT_FOUND');
      await services.members.setRole(ann.viewer, { roomId: hidden.id, userId: bob.user.id, role: 'MODERATOR' });
      expect(await rename(bob, hidden)).toBe('ok');
      expect(await rename(ann, await services.directRooms.open(ann.viewer, bob.user.id))).toBe('FORBIDDEN');
      expect(await rename(eve, { ...hidden, id: '__proto__' })).toBe('NOT_FOUND');
    });
  });

  describe('a direct room', () => {
    it('is one for each pair, however many open it at once', async () => {
      const all = open();
      const { services, signUp } = all;
      const [ann, bob] = [await signUp(), await signUp()];
      const rooms = await Promise.all(
        Array.from({ length: 40 }, (_, n) => {
          const [self, other] = n % 2 ? [ann, bob] : [bob, ann];
          return services.directRooms.open(self.viewer, other.user.id);
        }),
      );
      expect(new Set(rooms.map(({ id }) => id)).size).toBe(1);
      expect(rooms[0]).toMatchObject({ kind: 'DIRECT', name: null, topic: null, memberCount: 2 });
      expect(isRoomId(rooms[0]?.id ?? '')).toBe(true);
      for (const person of [ann, bob]) expect(await joined(all, person)).toEqual([rooms[0]?.id]);
    });

    it('is with someone else who exists', async () => {
      const { services, signUp } = open();
      const { viewer, user } = await signUp();
      expect(await outcome(services.directRooms.open(viewer, user.id))).toBe('BAD_USER_INPUT input.userId');
      expect(await outcome(services.directRooms.open(viewer, newUserId()))).toBe('NOT_FOUND');
      expect(await outcome(services.directRooms.open(viewer, 'toString'))).toBe('NOT_FOUND');
      expect(await outcome(services.directRooms.open(null, user.id))).toBe('UNAUTHENTICATED');
    });
  });

  it('S10: writing is counted by user', async () => {
    const { services, signUp } = open({ rates: { write: { perSecond: 0.001, burst: 3 } } });
    const [ann, bob] = [await signUp(), await signUp()];
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => outcome(services.rooms.create(ann.viewer, { name: 'x' }))),
    );
    expect(outcomes.filter((each) => each === 'ok')).toHaveLength(3);
    expect(outcomes.filter((each) => each === 'RATE_LIMITED')).toHaveLength(7);
    expect(await outcome(services.directRooms.open(bob.viewer, ann.user.id))).toBe('ok');
  });
});
