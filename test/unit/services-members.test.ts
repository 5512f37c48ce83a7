import { describe, expect, it } from 'vitest';
import { newRoomId, newUserId } from '../../src/domain/ids.ts';
import type { MemberRole, RoomKind } from '../../src/domain/room.ts';
import { LOOKED_AT } from '../../src/services/members.ts';
import { openServices, outcome, type Person, unique } from '../support/services.ts';
import { onEveryStore } from '../support/stores.ts';

onEveryStore('members', (site) => {
  async function furnish(kind: Exclude<RoomKind, 'DIRECT'>, roles: readonly MemberRole[]) {
    const all = openServices(site.store);
    const people = await Promise.all(roles.map(() => all.signUp()));
    const outsider = await all.signUp();
    const [owner, ...others] = people;
    if (!owner) throw new Error('a room needs an owner');
    const memberIds = others.map(({ user }) => user.id);
    const room = await all.services.rooms.create(owner.viewer, { name: 'room', kind, memberIds });
    for (const [index, person] of people.entries()) {
      const role = roles[index];
      if (role && role !== 'MEMBER' && person !== owner) {
        await all.services.members.setRole(owner.viewer, { roomId: room.id, userId: person.user.id, role });
      }
    }
    const rolesNow = async () =>
      (
        await site.store.memberships.standing(
          room.id,
          people.map(({ user }) => user.id),
        )
      )?.roles ?? [];
    const bodies = async () =>
      (await all.services.messages.page(all.services.loaders(), room.id, { last: 100 })).edges.map(({ node }) => [
        node.authorId,
        node.kind,
        node.body,
      ]);
    return { ...all, people, owner, outsider, room, roomId: room.id, rolesNow, bodies };
  }

  const pick = (people: readonly Person[], index: number): Person => {
    const person = people[index];
    if (!person) throw new Error(`nobody at ${index}`);
    return person;
  };

  describe('joining', () => {
    it('is open in a public room; again changes nothing', async () => {
      const { services, outsider, roomId, owner, bodies } = await furnish('PUBLIC', ['OWNER']);
      const first = await services.members.join(outsider.viewer, roomId);
      expect(first).toMatchObject({ roomId, userId: outsider.user.id, role: 'MEMBER', unreadCount: 0 });
      expect(await services.members.join(outsider.viewer, roomId)).toEqual(first);
      expect(await services.members.join(owner.viewer, roomId)).toMatchObject({ role: 'OWNER' });
      expect((await bodies()).at(-1)).toEqual([outsider.user.id, 'MEMBER_JOINED', 'joined']);
      expect(await bodies()).toHaveLength(2);
    });

    it('S1: a private room cannot be told from none', async () => {
      const { services, outsider, roomId, people } = await furnish('PRIVATE', ['OWNER', 'MEMBER']);
      const told = (id: string) =>
        services.members.join(outsider.viewer, id).catch(({ code, message, field }) => ({ code, message, field }));
      expect(await told(roomId)).toEqual(await told(newRoomId()));
      expect(await told(roomId)).toEqual(await told('__proto__'));
      expect(await services.members.join(pick(people, 1).viewer, roomId)).toMatchObject({ role: 'MEMBER' });
    });

    it('fifty who join twice at once make fifty members and fifty events', async () => {
      const { services, signUp, roomId, bodies } = await furnish('PUBLIC', ['OWNER']);
      const crowd = await Promise.all(Array.from({ length: 50 }, () => signUp()));
      await Promise.all([...crowd, ...crowd].map(({ viewer }) => services.members.join(viewer, roomId)));
      expect(await bodies()).toHaveLength(51);
      const [room] = await site.store.rooms.get([roomId]);
      expect(room?.memberCount).toBe(51);
    });
  });

  describe('leaving', () => {
    it('ends the membership; a private room is gone for the one who left', async () => {
      const { services, people, roomId, bodies } = await furnish('PRIVATE', ['OWNER', 'MEMBER']);
      const member = pick(people, 1);
      expect(await services.members.leave(member.viewer, roomId)).toMatchObject({ id: roomId, memberCount: 2 });
      expect((await bodies()).at(-1)).toEqual([member.user.id, 'MEMBER_LEFT', 'left']);
      expect(await outcome(services.members.leave(member.viewer, roomId))).toBe('NOT_FOUND');
      expect(await outcome(services.members.join(member.viewer, roomId))).toBe('NOT_FOUND');
      const { edges } = await services.reading.memberships(member.viewer, services.loaders(), {});
      expect(edges).toEqual([]);
    });

    it('an owner hands over to the oldest moderator, else the oldest member', async () => {
      const { services, people, roomId, rolesNow, bodies } = await furnish('PRIVATE', ['OWNER', 'MEMBER', 'MODERATOR', 'MEMBER']);
      await services.members.leave(pick(people, 0).viewer, roomId);
      expect(await rolesNow()).toEqual([null, 'MEMBER', 'OWNER', 'MEMBER']);
      expect((await bodies()).at(-1)).toEqual([pick(people, 2).user.id, 'ROOM_UPDATED', 'is now an owner']);
      await services.members.leave(pick(people, 2).viewer, roomId);
      expect(await rolesNow()).toEqual([null, 'OWNER', null, 'MEMBER']);
    });

    it('is not for direct rooms', async () => {
      const { services, people } = await furnish('PUBLIC', ['OWNER', 'MEMBER']);
      const { id } = await services.directRooms.open(pick(people, 0).viewer, pick(people, 1).user.id);
      expect(await outcome(services.members.leave(pick(people, 0).viewer, id))).toBe('FORBIDDEN');
    });

    it('a public room one is not in is FORBIDDEN, a hidden one NOT_FOUND', async () => {
      const open = await furnish('PUBLIC', ['OWNER']);
      expect(await outcome(open.services.members.leave(open.outsider.viewer, open.roomId))).toBe('FORBIDDEN');
      const hidden = await furnish('PRIVATE', ['OWNER']);
      expect(await outcome(hidden.services.members.leave(hidden.outsider.viewer, hidden.roomId))).toBe('NOT_FOUND');
    });
  });

  describe('adding', () => {
    it('is for members, of users who exist; a member again changes nothing', async () => {
      const { services, people, outsider, roomId, bodies, signUp } = await furnish('PRIVATE', ['OWNER', 'MEMBER']);
      const member = pick(people, 1);
      const add = (by: Person, userId: string) => services.members.add(by.viewer, { roomId, userId });
      expect(await outcome(add(outsider, outsider.user.id))).toBe('NOT_FOUND');
      const first = await add(member, outsider.user.id);
      expect(first).toMatchObject({ userId: outsider.user.id, role: 'MEMBER' });
      expect((await bodies()).at(-1)).toEqual([outsider.user.id, 'MEMBER_JOINED', `was added by ${member.user.displayName}`]);
      expect(await add(member, outsider.user.id)).toEqual(first);
      expect(await bodies()).toHaveLength(3);
      expect(await outcome(add(member, newUserId()))).toBe('NOT_FOUND');
      expect(await outcome(add(member, 'constructor'))).toBe('NOT_FOUND');
      const direct = await services.directRooms.open(member.viewer, outsider.user.id);
      const third = await signUp();
      expect(await outcome(services.members.add(member.viewer, { roomId: direct.id, userId: third.user.id }))).toBe('FORBIDDEN');
      expect(await outcome(services.members.add(third.viewer, { roomId: direct.id, userId: third.user.id }))).toBe('NOT_FOUND');
    });
  });

  describe('removing', () => {
    it('follows the roles', async () => {
      const { services, people, roomId, outsider, bodies, rolesNow } = await furnish('PRIVATE', [
        'OWNER',
        'MODERATOR',
        'MODERATOR',
        'MEMBER',
      ]);
      const [owner, mod, otherMod, member] = [0, 1, 2, 3].map((index) => pick(people, index)) as [Person, Person, Person, Person];
      const remove = (by: Person, whom: Person) => outcome(services.members.remove(by.viewer, { roomId, userId: whom.user.id }));
      expect(await remove(member, mod)).toBe('FORBIDDEN');
      expect(await remove(mod, otherMod)).toBe('FORBIDDEN');
      expect(await remove(mod, owner)).toBe('FORBIDDEN');
      expect(await remove(mod, mod)).toBe('BAD_USER_INPUT input.userId');
      expect(await remove(owner, outsider)).toBe('NOT_FOUND');
      expect(await remove(outsider, member)).toBe('NOT_FOUND');
      expect(await remove(mod, member)).toBe('ok');
      expect((await bodies()).at(-1)).toEqual([member.user.id, 'MEMBER_LEFT', `was removed by ${mod.user.displayName}`]);
      expect(await remove(owner, otherMod)).toBe('ok');
      expect(await rolesNow()).toEqual(['OWNER', 'MODERATOR', null, null]);
    });

    it('S4: one who was removed can do nothing there any more', async () => {
      const { services, people, roomId } = await furnish('PRIVATE', ['OWNER', 'MEMBER']);
      const [owner, member] = [pick(people, 0), pick(people, 1)];
      const sent = await services.messages.send(member.viewer, { roomId, body: 'hello', idempotencyKey: 'k1' });
      await services.members.remove(owner.viewer, { roomId, userId: member.user.id });
      expect(await outcome(services.messages.send(member.viewer, { roomId, body: 'again' }))).toBe('NOT_FOUND');
      // The retry of a send that was completed is answered, for it may have been the answer that was lost.
      const retried = await services.messages.send(member.viewer, { roomId, body: 'hello', idempotencyKey: 'k1' });
      expect(retried.number).toBe(sent.number);
      expect(await outcome(services.typing.start(member.viewer, roomId))).toBe('NOT_FOUND');
    });
  });

  describe('giving roles', () => {
    it('is for owners, and never leaves a room without one', async () => {
      const { services, people, roomId, bodies, rolesNow, outsider } = await furnish('PUBLIC', ['OWNER', 'MODERATOR', 'MEMBER']);
      const [owner, mod, member] = [0, 1, 2].map((index) => pick(people, index)) as [Person, Person, Person];
      const give = (by: Person, whom: Person, role: MemberRole) =>
        outcome(services.members.setRole(by.viewer, { roomId, userId: whom.user.id, role }));
      expect(await give(mod, member, 'MODERATOR')).toBe('FORBIDDEN');
      expect(await give(outsider, member, 'MODERATOR')).toBe('FORBIDDEN');
      expect(await give(owner, outsider, 'MODERATOR')).toBe('NOT_FOUND');
      expect(await give(owner, owner, 'MEMBER')).toBe('CONFLICT');
      expect(await give(owner, member, 'OWNER')).toBe('ok');
      expect((await bodies()).at(-1)).toEqual([member.user.id, 'ROOM_UPDATED', 'is now an owner']);
      expect(await give(owner, owner, 'MEMBER')).toBe('ok');
      expect(await rolesNow()).toEqual(['MEMBER', 'MODERATOR', 'OWNER']);
    });

    it('S34: two owners who demote each other at once leave one', async () => {
      for (let round = 0; round < 25; round += 1) {
        const { services, people, roomId, rolesNow } = await furnish('PRIVATE', ['OWNER', 'OWNER']);
        const [one, two] = [pick(people, 0), pick(people, 1)];
        const demote = (by: Person, whom: Person) =>
          outcome(services.members.setRole(by.viewer, { roomId, userId: whom.user.id, role: 'MEMBER' }));
        const outcomes = await Promise.all([demote(one, two), demote(two, one)]);
        expect(outcomes.sort()).toEqual(['FORBIDDEN', 'ok']);
        expect((await rolesNow()).filter((role) => role === 'OWNER')).toHaveLength(1);
      }
    });

    it('S34: two owners who remove each other at once leave one', async () => {
      for (let round = 0; round < 25; round += 1) {
        const { services, people, roomId, rolesNow } = await furnish('PRIVATE', ['OWNER', 'OWNER']);
        const [one, two] = [pick(people, 0), pick(people, 1)];
        const remove = (by: Person, whom: Person) =>
          outcome(services.members.remove(by.viewer, { roomId, userId: whom.user.id }));
        const outcomes = await Promise.all([remove(one, two), remove(two, one)]);
        expect(outcomes.sort()).toEqual(['NOT_FOUND', 'ok']);
        expect((await rolesNow()).filter((role) => role !== null)).toEqual(['OWNER']);
      }
    });

    it('S34: one demoted while acting acts before or not at all', async () => {
      for (let round = 0; round < 25; round += 1) {
        const { services, people, roomId, rolesNow } = await furnish('PRIVATE', ['OWNER', 'MODERATOR', 'MEMBER']);
        const [owner, mod, member] = [0, 1, 2].map((index) => pick(people, index)) as [Person, Person, Person];
        const [, kicked] = await Promise.all([
          services.members.setRole(owner.viewer, { roomId, userId: mod.user.id, role: 'MEMBER' }),
          outcome(services.members.remove(mod.viewer, { roomId, userId: member.user.id })),
        ]);
        expect(await rolesNow()).toEqual(['OWNER', 'MEMBER', kicked === 'ok' ? null : 'MEMBER']);
        if (kicked === 'ok') continue;
        expect(kicked).toBe('FORBIDDEN');
      }
    });

    it('all leaving at once never leaves members without an owner', async () => {
      const { services, people, roomId, signUp } = await furnish('PUBLIC', ['OWNER', 'OWNER', 'MODERATOR', 'MEMBER', 'MEMBER']);
      await Promise.all(people.slice(0, 4).map(({ viewer }) => services.members.leave(viewer, roomId)));
      const last = await site.store.memberships.standing(roomId, [pick(people, 4).user.id]);
      expect(last?.roles).toEqual(['OWNER']);
      await services.members.leave(pick(people, 4).viewer, roomId);
      expect(await services.members.join((await signUp()).viewer, roomId)).toMatchObject({ role: 'OWNER' });
    });
  });

  it('joining and leaving over and over at once, the list of rooms never names one too few', async () => {
    const { services, roomId, outsider } = await furnish('PUBLIC', ['OWNER']);
    const deeds = Array.from({ length: 60 }, (_, n) =>
      outcome(n % 2 ? services.members.leave(outsider.viewer, roomId) : services.members.join(outsider.viewer, roomId)),
    );
    for (const done of await Promise.all(deeds)) expect(['ok', 'FORBIDDEN', 'CONFLICT']).toContain(done);
    const [membership] = await site.store.memberships.get([{ roomId, userId: outsider.user.id }]);
    const { roomIds } = await site.store.joinedRooms.list(outsider.user.id);
    if (membership) expect(roomIds).toContain(roomId);
  });

  it('lists members in join order, in pages', async () => {
    const { services, people, roomId } = await furnish('PUBLIC', ['OWNER', 'MEMBER', 'MODERATOR', 'MEMBER', 'MEMBER']);
    const first = await services.members.list(roomId, { first: 2 });
    expect(first).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const rest = await services.members.list(roomId, { first: 100, after: first.endCursor });
    expect(rest).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const ids = [...first.edges, ...rest.edges].map(({ node }) => node.userId);
    expect(ids).toEqual(people.map(({ user }) => user.id));
    expect(await outcome(services.members.list(roomId, { after: '!' }))).toBe('BAD_USER_INPUT after');
    expect(await outcome(services.members.list(roomId, { first: 101 }))).toBe('BAD_USER_INPUT first');
  });

  it('finds members by the start of a name, in pages, with bounded work among namesakes', async () => {
    const { services, signUp, owner, outsider, roomId } = await furnish('PUBLIC', ['OWNER', 'MEMBER']);
    const name = unique('Zoe').slice(0, 12);
    const people = [];
    for (const last of ['Ash', 'Birch', 'Cedar']) people.push(await signUp(unique('z'), `${name} ${last}`));
    for (const { user } of people) await services.members.add(owner.viewer, { roomId, userId: user.id });
    const find = (args: object) => services.members.list(roomId, args);
    const idsOf = (page: Awaited<ReturnType<typeof find>>) => page.edges.map(({ node }) => node.userId);
    const first = await find({ search: name.toLowerCase(), first: 2 });
    const rest = await find({ search: name, first: 2, after: first.endCursor });
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(people.map(({ user }) => user.id));
    expect([first.hasNextPage, rest.hasNextPage, rest.hasPreviousPage]).toEqual([true, false, true]);
    expect(idsOf(await find({ search: outsider.user.username }))).toEqual([]);
    expect(await find({ search: 'nobody has such a name' })).toMatchObject({ edges: [], hasNextPage: false, endCursor: null });
    expect(await outcome(find({ search: 'x'.repeat(101) }))).toBe('BAD_USER_INPUT search');

    // Many others of that name, who are no members, stand before one who is.
    const last = await signUp(unique('z'), `${name} zz`);
    await services.members.add(owner.viewer, { roomId, userId: last.user.id });
    const others = Array.from({ length: LOOKED_AT }, (_, n) => ({ id: newUserId(), name: `${name} m${n}` }));
    for (const other of others) await site.store.directory.put('users', other);
    const found: string[] = [];
    let pages = 0;
    for (let after: string | null = null, more = true; more; pages += 1) {
      const page: Awaited<ReturnType<typeof find>> = await find({ search: name, after });
      found.push(...idsOf(page));
      [after, more] = [page.endCursor, page.hasNextPage];
    }
    expect(found).toEqual([...people, last].map(({ user }) => user.id));
    expect(pages).toBe(2);
    for (const { id } of others) await site.store.directory.remove('users', id);
  });
});
