import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DomainError, type ErrorCode } from '../../src/domain/errors.ts';
import { newRoomId, newUserId } from '../../src/domain/ids.ts';
import type { Message } from '../../src/domain/message.ts';
import type { Position } from '../../src/domain/position.ts';
import type { Store } from '../../src/ports/store.ts';
import { onEveryStore } from '../support/stores.ts';
import { allEntries, makeRoom, send } from './fixtures.ts';
import { type Act, anyActs, createNaiveRoom, merge, timeless } from './naive-room.ts';

type Naive = ReturnType<typeof createNaiveRoom>;

/** One room in the store and in the model, side by side. */
async function begin(store: Store, keep: number) {
  const users = Array.from({ length: 4 }, () => newUserId());
  const { id: roomId } = await makeRoom(store, { id: newRoomId(), members: users });
  return { users, roomId, keep, naive: createNaiveRoom(users, keep) };
}

type Pair = Awaited<ReturnType<typeof begin>>;

/** Does to the store what the act says; the times of entries come from what was stored. */
async function perform(
  store: Store,
  { users, roomId, keep, naive }: Pair,
  act: Act,
  at: (number: number) => number,
): Promise<unknown> {
  const base = { roomId, keep, guard: [] };
  if (act.act === 'rename') return store.rooms.update({ ...base, actorId: users[0] ?? '', name: 'x', body: 'renamed' });
  const userId = naive.actor(act);
  const ref = (back: number) => ({ roomId, number: naive.numberOf(back), at: at(naive.numberOf(back)) });
  switch (act.act) {
    case 'send':
      return send(store, roomId, userId, {
        body: `sent at ${naive.head}`,
        replyTo: act.reply === null ? null : ref(act.reply),
        keep,
      });
    case 'edit':
      return store.timeline.edit({ ...ref(act.entry), actorId: userId, body: `edited at ${naive.head}`, mentions: [] });
    case 'delete':
      return store.timeline.delete({ ...ref(act.entry), actorId: userId, guard: [] });
    case 'react':
      return store.timeline.react({ ...ref(act.entry), actorId: userId, emoji: act.emoji, present: act.present, maxEmojis: 3 });
    case 'read':
      return store.memberships.markRead({ ...ref(act.entry), userId });
    case 'join':
      return store.memberships.join({ ...base, userId, role: 'MEMBER', body: 'joined' });
    case 'leave':
      return store.memberships.leave({ ...base, userId, body: 'left', heirBody: 'inherits' });
    case 'role':
      return store.memberships.setRole({ ...base, userId, role: act.role, body: 'has a role' });
  }
}

const codeOf = (done: Promise<unknown>): Promise<ErrorCode | null> =>
  done.then(
    () => null,
    (error: unknown) => {
      if (error instanceof DomainError) return error.code;
      throw error;
    },
  );

async function compare(store: Store, { users, roomId }: Pair, naive: Naive): Promise<readonly Message[]> {
  const entries = await allEntries(store, roomId);
  expect(entries.map(timeless)).toEqual(naive.shown());
  const memberships = await store.memberships.get(users.map((userId) => ({ roomId, userId })));
  expect(memberships.map((each) => each && { role: each.role, read: each.receipt.number, unread: each.unreadCount })).toEqual(
    naive.members(),
  );
  const [room] = await store.rooms.get([roomId]);
  expect(room).toMatchObject({ position: { number: naive.head }, memberCount: naive.members().filter(Boolean).length });
  return entries;
}

onEveryStore('a room and its model', (site) => {
  it('P1 P5 P11 agree on entries, unread counts and every replay, whatever is done', async () => {
    await fc.assert(
      fc.asyncProperty(anyActs, fc.constantFrom(0, 3, 5, 9), fc.integer({ min: 1, max: 30 }), async (acts, keep, limit) => {
        const pair = await begin(site.store, keep);
        const times = new Map<number, number>();
        const snapshots: { position: Position; entries: readonly Message[] }[] = [];
        const remember = async () => {
          const entries = await compare(site.other, pair, pair.naive);
          for (const { number, at } of entries) times.set(number, at);
          const [position] = await site.other.timeline.heads([pair.roomId]);
          if (position) snapshots.push({ position, entries });
        };
        await remember();
        for (const act of acts) {
          const code = await codeOf(perform(site.store, pair, act, (number) => times.get(number) ?? 0));
          expect([act, code]).toEqual([act, pair.naive.apply(act)]);
          await remember();
        }
        const now = snapshots.at(-1)?.entries ?? [];
        const oldest = now[0]?.number ?? 0;
        for (const { position, entries } of snapshots) {
          const expected = pair.naive.replay(position.number, limit);
          const replay = await site.other.timeline.replay(pair.roomId, position, limit);
          const head = { ...position, number: pair.naive.head };
          if (typeof expected === 'string') {
            expect(replay).toEqual({ status: 'reset', reason: expected, head });
          } else {
            if (replay.status !== 'events') throw new Error(`${replay.status} instead of events`);
            expect(replay.head).toEqual(head);
            expect(replay.events.map((event) => ({ number: event.position.number, entry: timeless(event.message) }))).toEqual(
              expected,
            );
            expect(
              replay.events.map(({ type, position: at, message }) => (at.number > message.number ? 'message-updated' : type)),
            ).toEqual(replay.events.map(({ type }) => type));
            expect(merge(entries, replay.events).filter(({ number }) => number >= oldest)).toEqual(now);
          }
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('P5 replays exactly up to its limit', async () => {
    const a = newUserId();
    const room = await makeRoom(site.store, { members: [a] });
    for (let sent = 0; sent < 6; sent += 1) await send(site.store, room.id, a);
    const [second] = (await allEntries(site.store, room.id)).slice(1);
    if (second) await site.store.timeline.edit({ ...second, actorId: a, body: 'edited', mentions: [] });
    const replay = (number: number, limit: number) => site.other.timeline.replay(room.id, { ...room.position, number }, limit);
    expect(await replay(3, 5)).toMatchObject({
      status: 'events',
      events: [4, 5, 6, 7, 8].map((number) => ({ position: { number } })),
    });
    expect(await replay(3, 4)).toMatchObject({ status: 'reset', reason: 'TOO_FAR', head: { number: 8 } });
    expect(await replay(8, 1)).toMatchObject({ status: 'events', events: [], head: { number: 8 } });
  });

  it('P2 takes a position beyond the head, or of an epoch that never was, for forked', async () => {
    const a = newUserId();
    const room = await makeRoom(site.store, { members: [a] });
    const head = room.position;
    for (const position of [
      { ...head, number: 2 },
      { epoch: '0123456789ab', number: 1 },
      { epoch: '0123456789ab', number: 0 },
      { ...head, through: 5 },
    ]) {
      expect(await site.other.timeline.replay(room.id, position, 10)).toEqual({ status: 'reset', reason: 'FORKED', head });
    }
    expect(await site.other.timeline.replay(room.id, head, 10)).toEqual({ status: 'events', events: [], head });
    expect(await site.other.timeline.replay(newRoomId(), head, 10)).toEqual({ status: 'gone' });
    expect(await site.other.timeline.replay('__proto__', head, 10)).toEqual({ status: 'gone' });
  });
});
