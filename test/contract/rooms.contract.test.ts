import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StaleGuardError } from '../../src/domain/errors.ts';
import { directRoomId, newRoomId, newUserId } from '../../src/domain/ids.ts';
import { onEveryStore } from '../support/stores.ts';
import { allEntries, atOnce, hostileLine, JS_NAMES, makeRoom } from './fixtures.ts';

const member = (userId: string, joined: string | null = 'joined') => ({ userId, role: 'MEMBER' as const, joined });
const owner = (userId: string, joined: string | null = 'created the room') => ({ userId, role: 'OWNER' as const, joined });

onEveryStore('rooms', (site) => {
  it('P1 makes a room with its first members in one step, each an event in join order', async () => {
    const [id, a, b, c] = [newRoomId(), newUserId(), newUserId(), newUserId()];
    const { room, created } = await site.store.rooms.create({
      id,
      kind: 'PRIVATE',
      name: 'Plans',
      topic: 'Where to?',
      members: [owner(a), member(b, 'was added'), { userId: c, role: 'MODERATOR', joined: 'was added' }],
    });
    expect(created).toBe(true);
    expect(room).toEqual({
      id,
      kind: 'PRIVATE',
      name: 'Plans',
      topic: 'Where to?',
      createdAt: room.createdAt,
      memberCount: 3,
      position: { epoch: expect.stringMatching(/^[0-9a-f]{12}$/), number: 3 },
      activeAt: room.activeAt,
    });
    expect(Math.abs(room.createdAt - Date.now())).toBeLessThan(60_000);
    expect(room.activeAt).toBeGreaterThanOrEqual(room.createdAt);
    expect(await site.other.rooms.get([id])).toEqual([room]);
    expect(await allEntries(site.other, id)).toMatchObject([
      { number: 1, kind: 'MEMBER_JOINED', authorId: a, body: 'created the room', role: 'OWNER', ordinal: 0, changed: 1 },
      { number: 2, kind: 'MEMBER_JOINED', authorId: b, body: 'was added', role: null, ordinal: 0, changed: 2 },
      { number: 3, kind: 'MEMBER_JOINED', authorId: c, body: 'was added', role: 'MODERATOR', ordinal: 0, changed: 3 },
    ]);
    const { members } = await site.store.memberships.list(id, { after: null, limit: 10 });
    expect(members.map(({ membership }) => [membership.userId, membership.role])).toEqual([
      [a, 'OWNER'],
      [b, 'MEMBER'],
      [c, 'MODERATOR'],
    ]);
  });

  it('P11 lets the first members begin at their own join', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const { id } = await makeRoom(site.store, { members: [a, b] });
    const [entryA, entryB] = await allEntries(site.store, id);
    const memberships = await site.store.memberships.get([
      { roomId: id, userId: a },
      { roomId: id, userId: b },
    ]);
    expect(memberships).toMatchObject([
      { joinedAt: entryA?.at, unreadCount: 0, receipt: { number: 1, ordinal: 0, messageAt: entryA?.at, readAt: entryA?.at } },
      { joinedAt: entryB?.at, unreadCount: 0, receipt: { number: 2, ordinal: 0, messageAt: entryB?.at, readAt: entryB?.at } },
    ]);
  });

  it('makes a direct room without an event', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const id = directRoomId(a, b);
    const { room } = await site.store.rooms.create({
      id,
      kind: 'DIRECT',
      name: null,
      topic: null,
      members: [member(a, null), member(b, null)],
    });
    expect(room).toMatchObject({
      kind: 'DIRECT',
      name: null,
      topic: null,
      memberCount: 2,
      position: { number: 0 },
      activeAt: room.createdAt,
    });
    expect(await allEntries(site.store, id)).toEqual([]);
    const nothing = { number: 0, ordinal: 0, messageAt: 0, readAt: 0 };
    expect(await site.other.memberships.get([{ roomId: id, userId: b }])).toEqual([
      { roomId: id, userId: b, role: 'MEMBER', joinedAt: room.createdAt, receipt: nothing, unreadCount: 0 },
    ]);
    const { members } = await site.store.memberships.list(id, { after: null, limit: 10 });
    expect(members.map(({ membership }) => membership.userId)).toEqual([a, b]);
  });

  it('makes one room of 50 calls at once, whoever calls', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const id = directRoomId(a, b);
    expect(directRoomId(b, a)).toBe(id);
    const answers = await Promise.all(
      atOnce(site, 50, (store, index) => {
        const [first, second] = index % 2 ? [a, b] : [b, a];
        return store.rooms.create({
          id,
          kind: 'DIRECT',
          name: null,
          topic: null,
          members: [member(first, null), member(second, null)],
        });
      }),
    );
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    for (const { room } of answers) expect(room).toEqual(answers[0]?.room);
    expect(await site.store.rooms.get([id])).toMatchObject([{ memberCount: 2 }]);
  });

  it('leaves a room that exists as it is', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const first = await makeRoom(site.store, { members: [a] });
    const again = await site.other.rooms.create({
      id: first.id,
      kind: 'PRIVATE',
      name: 'Other',
      topic: 'x',
      members: [owner(b)],
    });
    expect(again).toEqual({ room: first, created: false });
    expect(await site.store.memberships.get([{ roomId: first.id, userId: b }])).toEqual([null]);
    expect(await allEntries(site.store, first.id)).toHaveLength(1);
  });

  it('makes a room without members', async () => {
    const { room } = await site.store.rooms.create({
      id: newRoomId(),
      kind: 'PUBLIC',
      name: 'General',
      topic: null,
      members: [],
    });
    expect(room).toMatchObject({ memberCount: 0, position: { number: 0 } });
    expect(await site.store.memberships.list(room.id, { after: null, limit: 5 })).toEqual({ members: [], hasMore: false });
  });

  it('answers in the order asked, null for what there is not', async () => {
    const [a, b] = [await makeRoom(site.store), await makeRoom(site.store)];
    expect(await site.other.rooms.get([b.id, newRoomId(), a.id, ...JS_NAMES, b.id])).toEqual([
      b,
      null,
      a,
      ...JS_NAMES.map(() => null),
      b,
    ]);
    expect(await site.store.rooms.get([])).toEqual([]);
  });

  it('P1 changes name and topic, each alone, as one event', async () => {
    const actorId = newUserId();
    const { id } = await makeRoom(site.store, { members: [actorId] });
    const change = { roomId: id, actorId, guard: [], keep: 0 };
    const renamed = await site.store.rooms.update({ ...change, name: 'New', body: 'renamed the room to New' });
    expect(renamed).toMatchObject({ name: 'New', topic: null, position: { number: 2 } });
    const topical = await site.other.rooms.update({ ...change, topic: 'T', body: 'changed the topic' });
    expect(topical).toMatchObject({ name: 'New', topic: 'T', position: { number: 3 } });
    const cleared = await site.store.rooms.update({ ...change, name: 'Newer', topic: null, body: 'changed the room' });
    expect(cleared).toMatchObject({ name: 'Newer', topic: null, position: { number: 4 } });
    expect(await site.other.rooms.get([id])).toEqual([cleared]);
    const [, entry] = await allEntries(site.store, id);
    expect(entry).toMatchObject({ kind: 'ROOM_UPDATED', authorId: actorId, body: 'renamed the room to New', role: null });
    expect(cleared.activeAt).toBeGreaterThanOrEqual(entry?.at ?? Number.POSITIVE_INFINITY);
  });

  it('S34 changes nothing where a guard no longer holds', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const room = await makeRoom(site.store, { members: [a, b] });
    const change = { roomId: room.id, actorId: b, name: 'Mine', body: 'x', keep: 0 };
    for (const guard of [
      [{ userId: b, role: 'MODERATOR' as const }],
      [
        { userId: a, role: 'OWNER' as const },
        { userId: b, role: null },
      ],
      [{ userId: newUserId(), role: 'MEMBER' as const }],
    ]) {
      await expect(site.store.rooms.update({ ...change, guard })).rejects.toBeInstanceOf(StaleGuardError);
    }
    expect(await site.store.rooms.get([room.id])).toEqual([room]);
    const guard = [
      { userId: b, role: 'MEMBER' as const },
      { userId: newUserId(), role: null },
    ];
    expect(await site.store.rooms.update({ ...change, guard })).toMatchObject({ name: 'Mine' });
  });

  it('cannot change a room that there is not', async () => {
    const change = { roomId: newRoomId(), actorId: newUserId(), name: 'x', body: 'x', keep: 0 };
    await expect(site.store.rooms.update({ ...change, guard: [] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const stale = [{ userId: newUserId(), role: 'OWNER' as const }];
    await expect(site.store.rooms.update({ ...change, guard: stale })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await site.store.rooms.get([change.roomId])).toEqual([null]);
  });

  it('S25 returns names and topics byte for byte', async () => {
    const actorId = newUserId();
    const { id } = await makeRoom(site.store, { members: [actorId] });
    await fc.assert(
      fc.asyncProperty(hostileLine, fc.option(hostileLine), async (name, topic) => {
        await site.store.rooms.update({ roomId: id, actorId, guard: [], name, topic, body: name, keep: 3 });
        expect(await site.other.rooms.get([id])).toMatchObject([{ name, topic }]);
        expect(await site.store.timeline.newest([id])).toMatchObject([{ body: name }]);
      }),
      { numRuns: 60 },
    );
  });
});
