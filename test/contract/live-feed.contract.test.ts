import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { UserSignal } from '../../src/domain/event.ts';
import { newRoomId, newUserId } from '../../src/domain/ids.ts';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';
import { allEntries, atOnce, hostileBody, JS_NAMES, listen, makeRoom, send } from './fixtures.ts';

onEveryStore('live feed', (site) => {
  it('P1 delivers every event of a room once, in order, to every process and listener', async () => {
    const users = Array.from({ length: 4 }, () => newUserId());
    const room = await makeRoom(site.store, { members: users });
    const heard = [await listen(site.store, room.id), await listen(site.store, room.id), await listen(site.other, room.id)];
    await Promise.all(
      atOnce(site, 60, async (store, index) => {
        const author = users[index % 4] ?? '';
        const message = await send(store, room.id, author);
        if (index % 3 === 0) await store.timeline.edit({ ...message, actorId: author, body: 'edited', mentions: [] });
        if (index % 5 === 0)
          await store.timeline.react({ ...message, actorId: author, emoji: '👍', present: true, maxEmojis: 5 });
        if (index % 7 === 0) await store.timeline.delete({ ...message, actorId: author, guard: [] });
      }),
    );
    const head = (await site.store.timeline.heads([room.id]))[0]?.number ?? 0;
    expect(head).toBe(4 + 60 + 20 + 12 + 9);
    for (const { events, end } of heard) {
      await waitFor(() => events.length >= head - 4, { what: 'all events' });
      expect(events.map(({ position }) => position.number)).toEqual(Array.from({ length: head - 4 }, (_, index) => index + 5));
      await end();
    }
    expect(heard[1]?.events).toEqual(heard[0]?.events);
    expect(heard[2]?.events).toEqual(heard[0]?.events);
  });

  it('P1 P3 publishes what is stored: whoever hears of a change can read it', async () => {
    const a = newUserId();
    const room = await makeRoom(site.store, { members: [a] });
    const reads: Promise<unknown>[] = [];
    const end = await site.other.feed.watchRoom(room.id, ({ event }) => {
      if (!('message' in event)) return;
      const { number, at } = event.message;
      reads.push(
        Promise.all([site.store.timeline.get([{ roomId: room.id, number }]), site.store.timeline.heads([room.id])]).then(
          ([[stored], [head]]) => {
            expect(stored?.at).toBe(at);
            expect(head?.number).toBeGreaterThanOrEqual(event.position.number);
          },
        ),
      );
    });
    await Promise.all(atOnce(site, 40, (store) => send(store, room.id, a)));
    await waitFor(() => reads.length === 40, { what: 'all events' });
    await Promise.all(reads);
    await end();
  });

  it('P1 tells nothing of what was refused', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const room = await makeRoom(site.store, { members: [a] });
    const heard = await listen(site.other, room.id);
    await expect(send(site.store, room.id, b)).rejects.toThrow();
    await expect(send(site.store, room.id, a, { replyTo: { number: 9, at: 9 } })).rejects.toThrow();
    const guard = [{ userId: a, role: 'MEMBER' as const }];
    await expect(
      site.store.rooms.update({ roomId: room.id, actorId: a, guard, name: 'x', body: 'x', keep: 0 }),
    ).rejects.toThrow();
    await expect(
      site.store.memberships.setRole({ roomId: room.id, userId: a, role: 'MEMBER', body: 'x', guard: [], keep: 0 }),
    ).rejects.toThrow();
    const sent = await send(site.store, room.id, a);
    await waitFor(() => heard.events.length > 0, { what: 'the event' });
    expect(heard.events.map(({ message }) => message)).toEqual([sent]);
    await heard.end();
  });

  it('P1 gives each kind of change its event', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const room = await makeRoom(site.store, { members: [a] });
    const heard = await listen(site.other, room.id);
    const given = { roomId: room.id, guard: [], keep: 0 };
    await site.store.memberships.join({ ...given, userId: b, role: 'MEMBER', body: 'joined' });
    await site.store.memberships.setRole({ ...given, userId: b, role: 'MODERATOR', body: 'is now a moderator' });
    await site.store.rooms.update({ ...given, actorId: a, name: 'x', body: 'renamed the room to x' });
    const sent = await send(site.store, room.id, b);
    await site.store.timeline.edit({ ...sent, actorId: b, body: 'y', mentions: [] });
    await site.store.memberships.leave({ ...given, userId: b, body: 'left', heirBody: '' });
    await waitFor(() => heard.events.length === 6, { what: 'six events' });
    const { epoch } = room.position;
    expect(heard.events.map(({ type, position }) => [type, position])).toEqual(
      ['member-joined', 'room-updated', 'room-updated', 'message-sent', 'message-updated', 'member-left'].map((type, index) => [
        type,
        { epoch, number: index + 2 },
      ]),
    );
    const entries = await allEntries(site.store, room.id);
    expect(heard.events.filter(({ type }) => type !== 'message-updated').map(({ message }) => message.number)).toEqual(
      entries.slice(1).map(({ number }) => number),
    );
    await heard.end();
  });

  it('P8 says how many bytes the wire form has', async () => {
    const a = newUserId();
    const room = await makeRoom(site.store, { members: [a] });
    const heard = await listen(site.store, room.id);
    await send(site.store, room.id, a, { body: 'x' });
    await send(site.store, room.id, a, { body: 'é'.repeat(2000) });
    await waitFor(() => heard.bytes.length === 2, { what: 'two events' });
    const [small = 0, large = 0] = heard.bytes;
    expect(small).toBeGreaterThan(20);
    expect(large - small).toBeGreaterThan(3900);
    expect(large - small).toBeLessThan(4200);
    await heard.end();
  });

  it('P9 hands signals on to each room named, as they are', async () => {
    const [one, two, three] = [newRoomId(), newRoomId(), newRoomId()];
    const heard = [await listen(site.other, one), await listen(site.other, two), await listen(site.other, three)];
    const userId = newUserId();
    const signals = [
      { type: 'presence-changed', userId, online: true, lastSeenAt: 1_700_000_000_123 },
      { type: 'presence-changed', userId, online: false, lastSeenAt: null },
      { type: 'typing', userId, expiresAt: 1_700_000_000_456 },
      { type: 'receipt-moved', userId, receipt: { number: 1, ordinal: 2, messageAt: 3, readAt: 4 } },
    ] as const;
    for (const signal of signals) await site.store.feed.signal([one, two], signal);
    await site.store.feed.signal([], signals[0]);
    for (const each of heard.slice(0, 2)) {
      await waitFor(() => each.signals.length >= 4, { what: 'the signals' });
      expect(each.signals).toEqual(signals);
      expect(each.events).toEqual([]);
    }
    expect(heard[2]?.signals).toEqual([]);
    for (const each of heard) await each.end();
  });

  it('tells each user what concerns them, and nobody else', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const heard: [string, UserSignal][] = [];
    const ends = [
      await site.other.feed.watchUser(a, (signal) => heard.push(['a', signal])),
      await site.store.feed.watchUser(b, (signal) => heard.push(['b', signal])),
    ];
    const roomId = newRoomId();
    await site.store.joinedRooms.settle(a, roomId, true);
    await waitFor(() => heard.length > 0, { what: 'the signal' });
    await site.store.joinedRooms.settle(b, roomId, true);
    await waitFor(() => heard.length > 1, { what: 'the signal' });
    expect(heard).toEqual([
      ['a', { type: 'rooms-changed', roomId }],
      ['b', { type: 'rooms-changed', roomId }],
    ]);
    for (const end of ends) await end();
  });

  it('P12 leaves no channel behind, whatever the order in which listeners go', async () => {
    const before = site.other.feed.channels;
    const [roomId, userId] = [newRoomId(), newUserId()];
    const ends = [
      await site.other.feed.watchRoom(roomId, () => undefined),
      await site.other.feed.watchRoom(roomId, () => undefined),
      await site.other.feed.watchUser(userId, () => undefined),
    ];
    expect(site.other.feed.channels).toBe(before + 2);
    await ends[0]?.();
    await ends[0]?.();
    expect(site.other.feed.channels).toBe(before + 2);
    await Promise.all(ends.map((end) => end()));
    expect(site.other.feed.channels).toBe(before);
    const churn = Array.from({ length: 50 }, async (_, index) => {
      const end = await site.other.feed.watchRoom(`${index % 5 ? roomId : newRoomId()}`, () => undefined);
      await end();
    });
    await Promise.all(churn);
    expect(site.other.feed.channels).toBe(before);
  });

  it('hears nothing once it has stopped listening, and again once it listens again', async () => {
    const a = newUserId();
    const room = await makeRoom(site.store, { members: [a] });
    const first = await listen(site.other, room.id);
    await first.end();
    await send(site.store, room.id, a);
    const second = await listen(site.other, room.id);
    const sent = await send(site.store, room.id, a);
    await waitFor(() => second.events.length > 0, { what: 'the event' });
    expect(second.events.map(({ message }) => message)).toEqual([sent]);
    expect(first.events).toEqual([]);
    await second.end();
  });

  it('calls nobody who has stopped listening, though the news was on its way', async () => {
    const a = newUserId();
    const room = await makeRoom(site.store, { members: [a] });
    const heard: string[] = [];
    const ends: (() => Promise<void>)[] = [];
    for (const name of ['first', 'second', 'third']) {
      const end = await site.other.feed.watchRoom(room.id, () => {
        heard.push(name);
        for (const each of ends) void each();
      });
      ends.push(end);
    }
    const last = await listen(site.other, room.id);
    await send(site.store, room.id, a);
    await waitFor(() => last.events.length > 0, { what: 'the event' });
    expect(heard).toEqual(['first']);
    await last.end();
  });

  it('misses nothing that is published after watching is confirmed', async () => {
    const a = newUserId();
    for (let round = 0; round < 30; round += 1) {
      const room = await makeRoom(site.store, { members: [a] });
      const heard = await listen(site.other, room.id);
      const sent = await send(site.store, room.id, a);
      await waitFor(() => heard.events.length > 0, { what: 'the event' });
      expect(heard.events[0]?.message).toEqual(sent);
      await heard.end();
    }
  });

  it('S22 S23 knows no room or user by the names that objects have of themselves', async () => {
    const before = site.other.feed.channels;
    for (const name of [...JS_NAMES, '*', '{x}', 'a b', '']) {
      const heard: unknown[] = [];
      const ends = [
        await site.other.feed.watchRoom(name, (live) => heard.push(live)),
        await site.other.feed.watchUser(name, (signal) => heard.push(signal)),
      ];
      await site.store.feed.signal([newRoomId()], { type: 'typing', userId: name, expiresAt: 1 });
      for (const end of ends) await end();
      expect(heard).toEqual([]);
    }
    expect(site.other.feed.channels).toBe(before);
  });

  it('S25 carries every text as it is', async () => {
    const userId = newUserId();
    const room = await makeRoom(site.store, { members: [userId] });
    const heard = await listen(site.other, room.id);
    await fc.assert(
      fc.asyncProperty(hostileBody, fc.uniqueArray(fc.constantFrom(...JS_NAMES)), async (body, mentions) => {
        const sent = await send(site.store, room.id, userId, { body, mentions });
        const event = await waitFor(() => heard.events.find(({ position }) => position.number === sent.number), {
          what: 'the event',
        });
        expect(event.message).toEqual(sent);
        expect(sent).toMatchObject({ body, mentions });
      }),
      { numRuns: 40 },
    );
    await heard.end();
  });

  it('is connected while it works', () => {
    expect([site.store.feed.connected, site.other.feed.connected]).toEqual([true, true]);
    const end = site.store.feed.onRestored(() => undefined);
    end();
  });
});
