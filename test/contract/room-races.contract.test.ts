import { expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { newUserId } from '../../src/domain/ids.ts';
import type { Message } from '../../src/domain/message.ts';
import type { MemberRole } from '../../src/domain/room.ts';
import type { Store } from '../../src/ports/store.ts';
import { createRandom, type Random } from '../support/random.ts';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';
import { allEntries, listen, makeRoom, send } from './fixtures.ts';
import { merge } from './naive-room.ts';

const ROLES: readonly MemberRole[] = ['OWNER', 'MODERATOR', 'MEMBER'];
const LANES = 12;
const ACTS_PER_LANE = 20;

/** Does one thing at random to what the room shows just then; what it is refused is no matter. */
async function act(store: Store, random: Random, roomId: string, users: readonly string[], keep: number): Promise<void> {
  const userId = random.pick(users);
  const base = { roomId, userId, guard: [], keep };
  const page = await store.timeline.page(roomId, { after: null, before: null, from: 'end', limit: 8 });
  const message = random.pick(page.messages);
  const ref = { roomId, number: message.number, at: message.at, actorId: userId };
  const acts: (() => Promise<unknown>)[] = [
    () => send(store, roomId, userId, { replyTo: random.chance(0.5) ? message : null, keep }),
    () => send(store, roomId, userId, { keep }),
    () => store.timeline.edit({ ...ref, body: `edited ${random.below(1000)}`, mentions: [] }),
    () => store.timeline.delete({ ...ref, guard: [] }),
    () => store.timeline.react({ ...ref, emoji: random.pick(['👍', '🎉']), present: random.chance(0.7), maxEmojis: 2 }),
    () => store.memberships.markRead({ ...ref, userId }),
    () => store.memberships.join({ ...base, role: 'MEMBER', body: 'joined' }),
    () => store.memberships.leave({ ...base, body: 'left', heirBody: 'inherits' }),
    () => store.memberships.setRole({ ...base, role: random.pick(ROLES), body: 'has a role' }),
  ];
  await random
    .pick(acts)()
    .catch((error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
    });
}

onEveryStore('a room in the hands of many', (site) => {
  it.each([
    ['all', 0],
    ['twelve', 12],
  ])('P1 P5 P11 stays whole whatever is done at once from two processes, with %s entries kept', async (_, keep) => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = createRandom(seed);
    const users = Array.from({ length: 5 }, () => newUserId());
    const { id: roomId, position: start } = await makeRoom(site.store, { members: users });
    const before = await allEntries(site.store, roomId);
    const heard = [await listen(site.store, roomId), await listen(site.other, roomId)];
    const lane = async (store: Store) => {
      for (let count = 0; count < ACTS_PER_LANE; count += 1) await act(store, random, roomId, users, keep);
    };
    await Promise.all(Array.from({ length: LANES }, (__, index) => lane(index % 2 ? site.store : site.other)));

    const [room] = await site.store.rooms.get([roomId]);
    const head = room?.position.number ?? 0;
    const entries = await allEntries(site.other, roomId);
    const told = `seed ${seed}`;
    for (const { events } of heard) {
      await waitFor(() => events.length >= head - start.number, { what: `all events, ${told}` });
      expect(
        events.map(({ position }) => position.number),
        told,
      ).toEqual(Array.from({ length: head - start.number }, (__, index) => start.number + index + 1));
    }
    const oldest = entries[0]?.number ?? 0;
    const recent = (messages: readonly Message[]) => messages.filter(({ number }) => number >= oldest);
    const live = heard[0]?.events ?? [];
    expect(recent(merge(before, live)), told).toEqual(entries);

    for (let number = start.number; number <= head; number += 3) {
      const replay = await site.other.timeline.replay(roomId, { ...start, number }, 1000);
      if (replay.status !== 'events') {
        expect([replay.status, keep], told).toEqual(['reset', 12]);
        continue;
      }
      const then = merge(before, live.slice(0, number - start.number));
      expect(recent(merge(then, replay.events)), `${told}, after ${number}`).toEqual(entries);
    }

    const memberships = await site.other.memberships.get(users.map((userId) => ({ roomId, userId })));
    const members = memberships.flatMap((each) => each ?? []);
    expect(room?.memberCount, told).toBe(members.length);
    if (members.length > 0)
      expect(
        members.map(({ role }) => role),
        told,
      ).toContain('OWNER');
    for (const { receipt, unreadCount } of members) {
      const unread = entries.filter(
        ({ kind, deletedAt, number }) => kind === 'TEXT' && deletedAt === null && number > receipt.number,
      );
      expect(unreadCount, told).toBe(unread.length);
    }
    for (const { end } of heard) await end();
  });
});
