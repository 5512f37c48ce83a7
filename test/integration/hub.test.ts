import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import type { RoomDelivery, ViewerDelivery } from '../../src/domain/event.ts';
import { directRoomId, newRoomId, newUserId } from '../../src/domain/ids.ts';
import type { Position } from '../../src/domain/position.ts';
import type { LiveFeed } from '../../src/ports/live-feed.ts';
import type { Store } from '../../src/ports/store.ts';
import { createHub, type HubDeps, type HubOptions } from '../../src/realtime/create-hub.ts';
import type { Hub } from '../../src/realtime/hub.ts';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';

const OPTIONS: HubOptions = {
  queueEvents: 100,
  queueBytes: 100_000,
  headPollMs: 300,
  windowEvents: 50,
  windowBytes: 100_000,
  lingerMs: 200,
  viewerMergeMs: 20,
  retryMs: { first: 20, longest: 100 },
  replay: 60,
  presence: { leaseMs: 5000, renewMs: 1000, graceMs: 200, sweepMs: 50, roomSize: 200 },
};

function observing() {
  const counts = { eventIn: 0, eventOut: 0, gap: 0, replay: 0, reset: 0, slow: 0 };
  const count = (name: keyof typeof counts) => () => {
    counts[name] += 1;
  };
  const observe: HubDeps['observe'] = {
    eventIn: count('eventIn'),
    eventOut: count('eventOut'),
    gap: count('gap'),
    replay: count('replay'),
    reset: count('reset'),
    slow: count('slow'),
  };
  return { counts, observe };
}

/** Reads on and on, so that a test can look at what has come. */
function reading<T>(iterator: AsyncIterableIterator<T>) {
  const items: T[] = [];
  const state = { ended: false, error: null as unknown };
  void (async () => {
    try {
      for await (const item of iterator) items.push(item);
    } catch (error) {
      state.error = error;
    }
    state.ended = true;
  })();
  return { items, state, stop: () => iterator.return?.() };
}

const numbers = (items: readonly RoomDelivery[]) => items.flatMap((item) => ('message' in item ? [item.position.number] : []));
const cursorOf = (items: readonly RoomDelivery[]): Position => {
  const last = items.findLast((item) => 'position' in item);
  if (!last || !('position' in last)) throw new Error('nothing with a cursor was delivered');
  return last.position;
};

onEveryStore('the live side', (site) => {
  const hubs: Hub[] = [];
  afterEach(async () => {
    await Promise.all(hubs.splice(0).map((hub) => hub.close()));
  });

  function openHub(store: Store = site.store, options: Partial<HubOptions> = {}) {
    const { counts, observe } = observing();
    const onError = (error: unknown) => {
      throw error;
    };
    const hub = createHub({ store, clock: systemClock, observe, onError }, { ...OPTIONS, ...options });
    hubs.push(hub);
    return { hub, counts };
  }

  async function openRoom(...userIds: string[]): Promise<string> {
    const id = newRoomId();
    await site.store.rooms.create({ id, kind: 'PRIVATE', name: 'a room', topic: null, members: [] });
    for (const userId of userIds) await join(id, userId);
    return id;
  }

  async function openDirect(a: string, b: string): Promise<string> {
    const id = directRoomId(a, b);
    const members = [a, b].map((userId) => ({ userId, role: 'MEMBER' as const, joined: null }));
    for (const userId of [a, b]) await site.store.joinedRooms.expect(userId, id, 1000);
    await site.store.rooms.create({ id, kind: 'DIRECT', name: null, topic: null, members });
    for (const userId of [a, b]) await site.store.joinedRooms.settle(userId, id, true);
    return id;
  }

  async function join(roomId: string, userId: string): Promise<void> {
    await site.store.joinedRooms.expect(userId, roomId, 1000);
    await site.store.memberships.join({ roomId, userId, role: 'MEMBER', body: 'joined', guard: [], keep: 0 });
    await site.store.joinedRooms.settle(userId, roomId, true);
  }

  async function leave(roomId: string, userId: string): Promise<void> {
    await site.store.memberships.leave({ roomId, userId, body: 'left', heirBody: 'is now an owner', guard: [], keep: 0 });
    await site.store.joinedRooms.settle(userId, roomId, false);
  }

  const send = (roomId: string, authorId: string, body = 'hello', store: Store = site.store) =>
    store.timeline.append({ roomId, authorId, body, mentions: [], replyTo: null, idempotency: null, keep: 0 });

  const follow = (hub: Hub, roomId: string, userId: string, after: Position | null = null) =>
    reading(hub.roomEvents({ roomId, userId, after, readersEnd: { closeSlow() {} } }));

  describe('roomEvents', () => {
    it('P5 delivers live, and after a reconnect what was missed, each once and in order', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      const { hub } = openHub();
      const first = follow(hub, roomId, ann);
      await waitFor(() => first.items.length === 1, { what: 'the first mark' });
      for (let count = 0; count < 10; count += 1) await send(roomId, bob);
      await waitFor(() => numbers(first.items).length === 10, { what: 'ten messages' });
      await first.stop();
      const cursor = cursorOf(first.items);
      for (let count = 0; count < 5; count += 1) await send(roomId, bob);
      const second = follow(hub, roomId, ann, cursor);
      await waitFor(() => second.items.some(({ type }) => type === 'caught-up'), { what: 'being caught up' });
      await send(roomId, bob);
      await waitFor(() => numbers(second.items).length === 6, { what: 'six messages' });
      expect([...numbers(first.items), ...numbers(second.items)]).toEqual(Array.from({ length: 16 }, (_, index) => index + 3));
      expect(second.items.map(({ type }) => type).indexOf('caught-up')).toBe(5);
    });

    it('P5 resumes without reading the timeline where memory reaches back', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      const { hub, counts } = openHub();
      const watcher = follow(hub, roomId, bob);
      await waitFor(() => watcher.items.length === 1, { what: 'the first mark' });
      const cursor = cursorOf(watcher.items);
      for (let count = 0; count < 20; count += 1) await send(roomId, bob);
      await waitFor(() => numbers(watcher.items).length === 20, { what: 'twenty messages' });
      const late = Array.from({ length: 30 }, () => follow(hub, roomId, ann, cursor));
      await waitFor(() => late.every(({ items }) => items.length === 21), { what: 'thirty replays' });
      expect(counts.replay).toBe(0);
    });

    it('P6 reads once for many who resume from before memory begins', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      const { position: cursor } = (await site.store.rooms.get([roomId]))[0] ?? { position: { epoch: '', number: 0 } };
      for (let count = 0; count < 20; count += 1) await send(roomId, bob);
      const { hub, counts } = openHub();
      const late = Array.from({ length: 50 }, () => follow(hub, roomId, ann, cursor));
      await waitFor(() => late.every(({ items }) => items.length === 21), { what: 'fifty replays' });
      expect(counts.replay).toBe(1);
    });

    it('P5 shows a message edited meanwhile once, in its present state', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      const { position: cursor } = (await site.store.rooms.get([roomId]))[0] ?? { position: { epoch: '', number: 0 } };
      const { message } = await send(roomId, bob, 'before');
      await site.store.timeline.edit({ ...message, actorId: bob, body: 'after', mentions: [] });
      const reader = follow(openHub().hub, roomId, ann, cursor);
      await waitFor(() => reader.items.some(({ type }) => type === 'caught-up'), { what: 'being caught up' });
      const shown = reader.items.flatMap((item) => ('message' in item ? [[item.type, item.message.body]] : []));
      expect(shown).toEqual([['message-sent', 'after']]);
    });

    it('P6 reads the timeline once for a herd that stopped at many places, however long it takes until all are back', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      const sent: { readonly number: number }[] = [];
      for (let count = 0; count < 56; count += 1) sent.push((await send(roomId, bob)).message);
      const { epoch } = (await site.store.timeline.heads([roomId]))[0] ?? { epoch: '' };
      // Memory keeps only some of them when all is quiet.
      const { hub, counts } = openHub(site.store, { windowEvents: 8 });
      // Those further on come first: the others must not each need a read of their own.
      const from = (place: number) => ({ epoch, number: sent[place]?.number ?? 0 });
      const herd = Array.from({ length: 50 }, (_, index) => follow(hub, roomId, ann, from(50 - index)));
      await waitFor(() => herd.every(({ items }, index) => items.length === 6 + index), { what: 'fifty replays' });
      expect(counts.replay).toBe(1);
      // The next ones come when live events have come in between.
      const live = (await send(roomId, bob)).message.number;
      await waitFor(() => herd.every(({ items }) => numbers(items).at(-1) === live), { what: 'the live event' });
      const late = Array.from({ length: 20 }, (_, index) => follow(hub, roomId, ann, from(20 - index)));
      await waitFor(() => late.every(({ items }, index) => items.length === 37 + index), { what: 'twenty replays' });
      expect(counts.replay).toBe(1);
    });

    it('P5 says TOO_FAR and P2 FORKED instead of a replay with holes, and goes on', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      const { position } = (await site.store.rooms.get([roomId]))[0] ?? { position: { epoch: '', number: 0 } };
      for (let count = 0; count < 61; count += 1) await send(roomId, bob);
      const { hub } = openHub();
      const far = follow(hub, roomId, ann, position);
      const forked = follow(hub, roomId, ann, { epoch: position.epoch, number: 9999 });
      const foreign = follow(hub, roomId, ann, { epoch: 'ffffffffffff', number: 1 });
      const readers = [far, forked, foreign];
      await waitFor(() => readers.every(({ items }) => items.length === 1), { what: 'three resets' });
      expect(readers.map(({ items }) => items[0]).map((item) => item?.type === 'reset' && item.reason)).toEqual([
        'TOO_FAR',
        'FORKED',
        'FORKED',
      ]);
      await send(roomId, bob);
      await waitFor(() => readers.every(({ items }) => items.length === 2), { what: 'life after a reset' });
    });

    it('P7 ends with FORBIDDEN right after the event that removes, and refuses one who is no member', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(bob, ann);
      const { hub } = openHub();
      const [kicked, other] = [follow(hub, roomId, ann), follow(hub, roomId, bob)];
      await waitFor(() => kicked.items.length + other.items.length === 2, { what: 'both marks' });
      const burst = [send(roomId, bob), send(roomId, bob), leave(roomId, ann), send(roomId, bob), send(roomId, bob)];
      await Promise.all(burst);
      await waitFor(() => kicked.state.ended && numbers(other.items).length === 5, {
        what: 'the end for one, the rest for the other',
      });
      expect(kicked.state.error).toMatchObject({ code: 'FORBIDDEN' });
      expect(kicked.items.at(-1)).toMatchObject({ type: 'member-left', message: { authorId: ann } });
      const refused = follow(hub, roomId, ann, cursorOf(other.items));
      await waitFor(() => refused.state.ended, { what: 'a refusal' });
      expect(refused.items).toEqual([]);
      expect(refused.state.error).toMatchObject({ code: 'NOT_FOUND' });
    });

    it('P8 cuts off the reader that does not read, and only that one', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      const { hub, counts } = openHub();
      let cut = 0;
      const stalled = hub.roomEvents({
        roomId,
        userId: ann,
        after: null,
        readersEnd: {
          closeSlow() {
            cut += 1;
          },
        },
      });
      await stalled.next();
      const healthy = follow(hub, roomId, bob);
      await waitFor(() => healthy.items.length === 1, { what: 'the mark' });
      for (let count = 0; count < 110; count += 1) await send(roomId, bob);
      await waitFor(() => numbers(healthy.items).length === 110, { what: 'all for the one that reads' });
      expect([cut, counts.slow]).toEqual([1, 1]);
      expect(await stalled.next()).toEqual({ done: true, value: undefined });
      expect(hub.held.queuedBytes).toBe(0);
    });

    it('P6 finds a lost last event by asking for the head', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      let deaf = false;
      const feed: LiveFeed = {
        ...site.store.feed,
        watchRoom: (id, listener) => site.store.feed.watchRoom(id, (live) => deaf || listener(live)),
      };
      const { hub, counts } = openHub({ ...site.store, feed });
      const reader = follow(hub, roomId, ann);
      await waitFor(() => reader.items.length === 1, { what: 'the mark' });
      deaf = true;
      await send(roomId, bob);
      await waitFor(() => numbers(reader.items).length === 1, { what: 'the lost message' });
      expect(counts.gap).toBe(1);
    });

    it('P5 two processes deliver the same', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      const readers = [follow(openHub().hub, roomId, ann), follow(openHub(site.other).hub, roomId, bob)];
      await waitFor(() => readers.every(({ items }) => items.length === 1), { what: 'both marks' });
      await Promise.all(Array.from({ length: 40 }, (_, index) => send(roomId, bob, 'x', index % 2 ? site.store : site.other)));
      await waitFor(() => readers.every(({ items }) => numbers(items).length === 40), { what: 'forty each' });
      expect(numbers(readers[0]?.items ?? [])).toEqual(numbers(readers[1]?.items ?? []));
    });
  });

  describe('viewerEvents', () => {
    const types = (items: readonly ViewerDelivery[]) => items.map(({ type }) => type);

    it('begins with the mark, then tells of rooms gained, changed and lost', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const old = await openRoom(ann, bob);
      const { hub } = openHub();
      const viewer = reading(hub.viewerEvents({ userId: ann }));
      await waitFor(() => viewer.items.length === 1, { what: 'the mark' });
      expect(types(viewer.items)).toEqual(['viewer-caught-up']);
      await send(old, bob);
      await waitFor(() => viewer.items.length === 2, { what: 'an update' });
      expect(viewer.items[1]).toMatchObject({
        type: 'membership-updated',
        membership: { roomId: old, userId: ann, unreadCount: 1 },
      });
      const fresh = await openRoom(bob, ann);
      await waitFor(() => types(viewer.items).includes('membership-added'), { what: 'a room gained' });
      await leave(fresh, ann);
      await waitFor(() => types(viewer.items).includes('membership-removed'), { what: 'a room lost' });
      expect(viewer.items.at(-1)).toEqual({ type: 'membership-removed', roomId: fresh });
    });

    it('P9 merges a burst, and the last state always arrives', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      const viewer = reading(openHub().hub.viewerEvents({ userId: ann }));
      await waitFor(() => viewer.items.length === 1, { what: 'the mark' });
      await Promise.all(Array.from({ length: 200 }, () => send(roomId, bob)));
      const unread = () => viewer.items.flatMap((item) => ('membership' in item ? [item.membership.unreadCount] : []));
      await waitFor(() => unread().at(-1) === 200, { what: 'the last state' });
      expect(viewer.items.length).toBeLessThan(100);
    });

    const contactsOf = (items: readonly ViewerDelivery[]) =>
      items.flatMap((item) => (item.type === 'contact-presence-changed' ? [[item.userId, item.presence.online]] : []));

    it('P9 P10 tells who of the others in direct rooms comes and goes, from any process, and of nobody else', async () => {
      const [ann, bob, eve] = [newUserId(), newUserId(), newUserId()];
      await openDirect(ann, bob);
      await openRoom(ann, bob, eve);
      const here = openHub().hub;
      const there = openHub(site.other).hub;
      const ofAnn = reading(here.viewerEvents({ userId: ann }));
      const ofEve = reading(here.viewerEvents({ userId: eve }));
      await waitFor(() => ofAnn.items.length === 1 && ofEve.items.length === 1, { what: 'the marks' });
      for (const userId of [ann, eve]) there.present(userId);
      const leave = there.present(bob);
      await waitFor(() => contactsOf(ofAnn.items).length === 1, { what: 'coming' });
      leave();
      await waitFor(() => contactsOf(ofAnn.items).length === 2, { what: 'going' });
      expect(contactsOf(ofAnn.items)).toEqual([
        [bob, true],
        [bob, false],
      ]);
      expect(ofAnn.items.at(-1)).toMatchObject({ presence: { online: false, lastSeenAt: expect.any(Number) } });
      expect(contactsOf(ofEve.items)).toEqual([]);
    });

    it('P10 tells how a contact stands now, whatever the order in which coming and going was heard of', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openDirect(ann, bob);
      await site.store.presence.renew('another process', [bob], 60_000);
      const viewer = reading(openHub().hub.viewerEvents({ userId: ann }));
      await waitFor(() => viewer.items.length === 1, { what: 'the mark' });
      const late = { type: 'presence-changed', userId: bob, online: false, lastSeenAt: 1 } as const;
      await site.other.feed.signal([roomId], late);
      await waitFor(() => contactsOf(viewer.items).length === 1, { what: 'the signal' });
      expect(contactsOf(viewer.items)).toEqual([[bob, true]]);
    });

    it('P10 tells how contacts stand when news is heard again that may have been lost', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      await openDirect(ann, bob);
      const restored = new Set<() => void>();
      const onRestored: LiveFeed['onRestored'] = (listener) => {
        restored.add(listener);
        return () => void restored.delete(listener);
      };
      const viewer = reading(
        openHub({ ...site.store, feed: { ...site.store.feed, onRestored } }).hub.viewerEvents({ userId: ann }),
      );
      await waitFor(() => viewer.items.length === 1, { what: 'the mark' });
      await site.store.presence.renew('another process', [bob], 60_000);
      for (const listener of restored) listener();
      await waitFor(() => contactsOf(viewer.items).length === 1, { what: 'the contact' });
      expect(contactsOf(viewer.items)).toEqual([[bob, true]]);
      const others = restored.size;
      await viewer.stop();
      expect(restored.size).toBe(others - 1);
    });

    it('P9 merges the coming and going of a contact', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openDirect(ann, bob);
      const viewer = reading(openHub().hub.viewerEvents({ userId: ann }));
      await waitFor(() => viewer.items.length === 1, { what: 'the mark' });
      const signal = { type: 'presence-changed', userId: bob, lastSeenAt: null } as const;
      for (let n = 0; n < 200; n += 1) await site.store.feed.signal([roomId], { ...signal, online: n % 2 === 0 });
      await send(roomId, bob);
      await waitFor(() => types(viewer.items).includes('membership-updated'), { what: 'what came after' });
      expect(contactsOf(viewer.items).length).toBeGreaterThan(0);
      expect(contactsOf(viewer.items).length).toBeLessThan(100);
    });

    it('P10 tells how the other stands in a direct room that is new', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const { hub } = openHub();
      const viewer = reading(hub.viewerEvents({ userId: ann }));
      await waitFor(() => viewer.items.length === 1, { what: 'the mark' });
      await site.store.presence.renew('another process', [bob], 60_000);
      await openDirect(bob, ann);
      await waitFor(() => contactsOf(viewer.items).length === 1, { what: 'the contact' });
      expect(contactsOf(viewer.items)).toEqual([[bob, true]]);
      const before = types(viewer.items).slice(0, types(viewer.items).indexOf('contact-presence-changed'));
      expect(before).toContain('membership-added');
    });

    it('P9 believes no signal about somebody who is not in the direct room', async () => {
      const [ann, bob, eve] = [newUserId(), newUserId(), newUserId()];
      const roomId = await openDirect(ann, bob);
      const viewer = reading(openHub().hub.viewerEvents({ userId: ann }));
      await waitFor(() => viewer.items.length === 1, { what: 'the mark' });
      for (const userId of [eve, ann])
        await site.store.feed.signal([roomId], { type: 'presence-changed', userId, online: true, lastSeenAt: null });
      await send(roomId, bob);
      await waitFor(() => types(viewer.items).includes('membership-updated'), { what: 'what came after' });
      expect(contactsOf(viewer.items)).toEqual([]);
    });

    it('finds a room gained while the news of it was lost', async () => {
      const ann = newUserId();
      const feed: LiveFeed = { ...site.store.feed, watchUser: (id) => site.store.feed.watchUser(id, () => {}) };
      const viewer = reading(openHub({ ...site.store, feed }).hub.viewerEvents({ userId: ann }));
      await waitFor(() => viewer.items.length === 1, { what: 'the mark' });
      await openRoom(ann);
      await waitFor(() => types(viewer.items).includes('membership-added'), { what: 'the room' });
    });
  });

  describe('sessions', () => {
    async function openSession() {
      const session = { id: 'a1b2c3d4e5f60718', tokenHash: 'ab'.repeat(32), userId: newUserId(), ttlMs: 60_000, limit: 10 };
      await site.store.sessions.create(session);
      return session;
    }

    it('P7 tells of a revocation at once, on another process too', async () => {
      const { userId, id, tokenHash } = await openSession();
      let revoked = 0;
      const onRevoked = () => {
        revoked += 1;
      };
      await openHub(site.other).hub.watchSession({ userId, sessionId: id, onRevoked });
      await site.store.sessions.revoke(userId, tokenHash);
      await waitFor(() => revoked === 1, { what: 'the revocation', timeoutMs: 2000 });
    });

    it('P7 finds a revocation whose news was lost', async () => {
      const { userId, id, tokenHash } = await openSession();
      let revoked = false;
      const feed: LiveFeed = { ...site.store.feed, watchUser: (user) => site.store.feed.watchUser(user, () => {}) };
      const onRevoked = () => {
        revoked = true;
      };
      await openHub({ ...site.store, feed }).hub.watchSession({ userId, sessionId: id, onRevoked });
      await site.store.sessions.revoke(userId, tokenHash);
      await waitFor(() => revoked, { what: 'the revocation' });
    });
  });

  describe('presence', () => {
    it('P10 is online from the first connection to the grace after the last, and rooms are told', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      const { hub } = openHub();
      const watcher = follow(hub, roomId, bob);
      await waitFor(() => watcher.items.length === 1, { what: 'the mark' });
      const changes = () =>
        watcher.items.flatMap((item) => (item.type === 'presence-changed' && item.userId === ann ? [item.online] : []));
      const tabs = [hub.present(ann), hub.present(ann)];
      await waitFor(() => changes().length === 1, { what: 'coming' });
      tabs[0]?.();
      const again = hub.present(ann);
      tabs[1]?.();
      again();
      const back = hub.present(ann);
      expect((await site.store.presence.get([ann]))[0]?.online).toBe(true);
      back();
      await waitFor(() => changes().length === 2, { what: 'going' });
      expect(changes()).toEqual([true, false]);
      expect((await site.store.presence.get([ann]))[0]).toMatchObject({ online: false, lastSeenAt: expect.any(Number) });
    });

    it('P10 tells of the end of a process that died', async () => {
      const [ann, bob] = [newUserId(), newUserId()];
      const roomId = await openRoom(ann, bob);
      await site.store.presence.renew('a process that dies', [ann], 150);
      const { hub } = openHub();
      const watcher = follow(hub, roomId, bob);
      hub.present(bob);
      await waitFor(() => watcher.items.some((item) => item.type === 'presence-changed' && item.userId === ann && !item.online), {
        what: 'going',
      });
    });
  });

  it('P12 holds nothing some time after the last reader left', async () => {
    const [ann, bob] = [newUserId(), newUserId()];
    const roomId = await openRoom(ann, bob);
    const before = site.store.feed.channels;
    const { hub } = openHub();
    const readers = [follow(hub, roomId, ann), follow(hub, roomId, bob), reading(hub.viewerEvents({ userId: ann }))];
    const gone = [hub.present(ann), (await hub.watchSession({ userId: ann, sessionId: 'x', onRevoked() {} })).end];
    await waitFor(() => readers.every(({ items }) => items.length > 0), { what: 'all marks' });
    expect(site.store.feed.channels).toBeGreaterThan(before);
    for (const reader of readers) await reader.stop();
    for (const each of gone) each();
    await waitFor(() => hub.held.rooms + hub.held.users + hub.held.subscribers === 0, { what: 'the hub to be empty' });
    await waitFor(() => site.store.feed.channels === before, { what: 'no channel left' });
  });
});
