import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import type { RoomEvent } from '../../src/domain/event.ts';
import { newUserId } from '../../src/domain/ids.ts';
import type { Store } from '../../src/ports/store.ts';
import { createRedisStore, type StoreLog, type StoreObserve } from '../../src/store/redis/index.ts';
import { allEntries, idempotency, makeRoom, send } from '../contract/fixtures.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { createRandom } from '../support/random.ts';
import { type RedisServer, redisSettings, startRedis } from '../support/redis-server.ts';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

const quiet: StoreLog = { warn: () => undefined, error: () => undefined };

/** A store whose every connection goes through a proxy of its own. */
async function openThrough(target: number, observe: StoreObserve = {}, log = quiet): Promise<{ store: Store; proxy: TcpProxy }> {
  const proxy = await startProxy(target);
  endAfterTest(() => proxy.close());
  const store = await createRedisStore({ redis: redisSettings({ url: `redis://127.0.0.1:${proxy.port}` }), log, observe });
  endAfterTest(() => store.close());
  await waitFor(() => store.feed.connected, { what: 'the live feed' });
  return { store, proxy };
}

const open = async (server: RedisServer, observe: StoreObserve = {}, log = quiet): Promise<Store> => {
  const store = await createRedisStore({ redis: server.redis, log, observe });
  endAfterTest(() => store.close());
  await waitFor(() => store.feed.connected, { what: 'the live feed' });
  return store;
};

const code = (error: unknown): string => (error instanceof DomainError ? error.code : String(error));

/** Waits until the store works. */
const answers = (store: Store) =>
  waitFor(
    () =>
      store.ping().then(
        () => true,
        () => false,
      ),
    { what: 'an answer', timeoutMs: 8000 },
  );

/** Settles everything; the codes of what failed. */
async function codes(promises: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(promises);
  return settled.flatMap((one) => (one.status === 'rejected' ? [code(one.reason)] : []));
}

describe('the Redis store when Redis or the way to it fails', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  it('F6 runs each call at most once, whatever becomes of its answer, and leaves none pending', async () => {
    const { store, proxy } = await openThrough(server.port);
    const steady = await open(server);
    const author = newUserId();
    const room = await makeRoom(steady, { members: [author] });
    // Redis knows the script: else the answer that is cut would only say that it does not.
    await send(steady, room.id, author, { body: 'first' });
    const random = createRandom(7);
    const bodies = ['first'];
    const acknowledged = ['first'];
    for (let round = 0; round < 40; round += 1) {
      await answers(store);
      const calls = Array.from({ length: 5 }, async (_, index) => {
        const body = `${round}.${index}`;
        bodies.push(body);
        const started = performance.now();
        try {
          await send(store, room.id, author, { body });
          acknowledged.push(body);
        } catch (error) {
          expect(code(error)).toBe('UNAVAILABLE');
        }
        expect(performance.now() - started).toBeLessThan(3500);
      });
      if (random.chance(0.8)) proxy.cutAnswers(random.below(4));
      else setImmediate(() => proxy.cut());
      await Promise.all(calls);
      proxy.mend();
    }
    const stored = (await allEntries(steady, room.id)).filter(({ kind }) => kind === 'TEXT').map(({ body }) => body);
    expect(new Set(stored).size).toBe(stored.length);
    expect(acknowledged.filter((body) => !stored.includes(body))).toEqual([]);
    expect(stored.filter((body) => !bodies.includes(body))).toEqual([]);
    // Both must have happened, or nothing was tried: answers that were lost, and answers that came.
    expect(stored.length).toBeGreaterThan(acknowledged.length);
    expect(acknowledged.length).toBeGreaterThan(1);
  });

  it('F6 P4 stores one message for a key that is sent again until it is answered', async () => {
    const { store, proxy } = await openThrough(server.port);
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    const key = idempotency();
    proxy.cutAnswers();
    const failed = await codes([send(store, room.id, author, { idempotency: key })]);
    expect(failed).toEqual(['UNAVAILABLE']);
    proxy.mend();
    const sent = await waitFor(() => send(store, room.id, author, { idempotency: key }).catch(() => null), { what: 'an answer' });
    const entries = await allEntries(store, room.id);
    expect(entries.filter(({ kind }) => kind === 'TEXT')).toEqual([sent]);
  });

  it('F4 F11 fails within two seconds while Redis is away, at once after that, and works again by itself', async () => {
    const states: string[] = [];
    const { store, proxy } = await openThrough(server.port, { onLink: (state) => states.push(state) });
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    proxy.refuse();
    const took = async () => {
      const started = performance.now();
      expect(await codes([send(store, room.id, author), store.rooms.get([room.id]), store.ping()])).toEqual(
        Array(3).fill('UNAVAILABLE'),
      );
      return performance.now() - started;
    };
    const refused = performance.now();
    while (performance.now() - refused < 2500) expect(await took()).toBeLessThan(2500);
    expect(await took()).toBeLessThan(100);
    expect(await codes([store.feed.watchRoom(room.id, () => undefined)])).toEqual(['UNAVAILABLE']);
    expect(store.feed.channels).toBe(0);
    expect(store.feed.connected).toBe(false);
    proxy.mend();
    await waitFor(() => send(store, room.id, author).catch(() => null), { what: 'a send that works' });
    await waitFor(() => store.feed.connected, { what: 'the live feed' });
    await store.ping();
    await waitFor(() => states.length === 2, { what: 'the news of it' });
    expect(states).toEqual(['down', 'up']);
  });

  it('F4 bridges an interruption of a moment without a failure', async () => {
    const { store, proxy } = await openThrough(server.port);
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    for (let round = 0; round < 5; round += 1) {
      proxy.cut();
      // The client may not have heard of it yet; then the call fails at once, and the next one waits for the new connection.
      await send(store, room.id, author).catch((error: unknown) => expect(code(error)).toBe('UNAVAILABLE'));
      await send(store, room.id, author);
      await store.rooms.get([room.id]);
    }
  });

  it('P6 F7 listens again to every channel after a cut, says so then and not before, and misses nothing from there on', async () => {
    const { store, proxy } = await openThrough(server.port);
    const steady = await open(server);
    const author = newUserId();
    const rooms = await Promise.all(Array.from({ length: 50 }, () => makeRoom(steady, { members: [author] })));
    const heard = new Map<string, RoomEvent[]>(rooms.map(({ id }) => [id, []]));
    for (const { id } of rooms) {
      const end = await store.feed.watchRoom(id, ({ event }) => 'message' in event && heard.get(id)?.push(event));
      endAfterTest(end);
    }
    for (let round = 0; round < 5; round += 1) {
      const restored = new Promise<void>((resolve) => {
        const end = store.feed.onRestored(() => {
          end();
          resolve();
        });
      });
      proxy.cut();
      await restored;
      for (const events of heard.values()) events.length = 0;
      const sent = await Promise.all(rooms.map(({ id }) => send(steady, id, author)));
      await waitFor(() => [...heard.values()].every((events) => events.length > 0), { what: 'an event on every channel' });
      expect(rooms.map(({ id }) => heard.get(id)?.map(({ message }) => message))).toEqual(sent.map((message) => [message]));
    }
  });

  it('F7 survives having its subscriptions killed again and again while channels come and go', async () => {
    const store = await open(server);
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    const heard: number[] = [];
    endAfterTest(await store.feed.watchRoom(room.id, ({ event }) => 'position' in event && heard.push(event.position.number)));
    for (let round = 0; round < 10; round += 1) {
      const churn = Array.from({ length: 10 }, async (_, index) => {
        const end = await store.feed.watchRoom(`r${index}`, () => undefined);
        await end();
      });
      await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      expect((await codes(churn)).filter((each) => each !== 'UNAVAILABLE')).toEqual([]);
    }
    await waitFor(() => store.feed.connected, { what: 'the live feed' });
    expect(store.feed.channels).toBe(1);
    heard.length = 0;
    const { number } = await send(store, room.id, author);
    await waitFor(() => heard.length > 0, { what: 'the event' });
    expect(heard).toEqual([number]);
    const listening = async () => Number((await server.command('PUBSUB', 'CHANNELS', '*')).slice(1));
    await waitFor(async () => (await listening()) === 1, { what: 'one channel left' });
  });

  it('F11 finds a link that has gone dead without a word within five seconds', async () => {
    const { store, proxy } = await openThrough(server.port);
    let restored = 0;
    store.feed.onRestored(() => (restored += 1));
    const started = performance.now();
    proxy.stall();
    await waitFor(() => !store.feed.connected, { what: 'the loss to be noticed', timeoutMs: 8000 });
    expect(performance.now() - started).toBeLessThan(5000);
    proxy.mend();
    await waitFor(() => restored === 1, { what: 'the link', timeoutMs: 8000 });
    await answers(store);
  });

  it('F22 tells callers in time while Redis stands still, and sends nothing twice when it goes on', async () => {
    const still = await startRedis();
    endAfterTest(() => still.stop());
    const store = await open(still);
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    await send(store, room.id, author, { body: 'before' });
    process.kill(still.pid, 'SIGSTOP');
    const started = performance.now();
    const failed = await codes([
      ...Array.from({ length: 20 }, (_, index) => send(store, room.id, author, { body: `during ${index}` })),
      store.timeline.heads([room.id]),
      store.ping(),
    ]);
    expect(performance.now() - started).toBeLessThan(3500);
    expect(failed).toEqual(Array(22).fill('UNAVAILABLE'));
    await waitFor(() => !store.feed.connected, { what: 'the loss to be noticed' });
    process.kill(still.pid, 'SIGCONT');
    await answers(store);
    await waitFor(() => store.feed.connected, { what: 'the live feed' });
    await waitFor(() => send(store, room.id, author, { body: 'after' }).catch(() => null), { what: 'a send that works' });
    const bodies = (await allEntries(store, room.id)).map(({ body }) => body);
    expect(new Set(bodies).size).toBe(bodies.length);
    expect(bodies).toEqual(expect.arrayContaining(['joined', 'before', 'after']));
  });

  it('F23 does not notice that Redis has forgotten its scripts', async () => {
    const store = await open(server);
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    for (let round = 0; round < 5; round += 1) {
      await server.command('SCRIPT', 'FLUSH');
      await Promise.all([send(store, room.id, author), store.memberships.get([{ roomId: room.id, userId: author }])]);
    }
    expect((await store.timeline.heads([room.id]))[0]?.number).toBe(6);
  });

  it('F20 refuses writes when memory is full, half does none and tells of none, and goes on reading', async () => {
    const store = await open(server);
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    const first = await send(store, room.id, author);
    const heard: unknown[] = [];
    endAfterTest(await store.feed.watchRoom(room.id, ({ event }) => heard.push(event)));
    endAfterTest(() => server.command('CONFIG', 'SET', 'maxmemory', '0'));
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    const ref = { roomId: room.id, number: first.number, at: first.at };
    const failed = await codes([
      send(store, room.id, author),
      store.timeline.edit({ ...ref, actorId: author, body: 'x', mentions: [] }),
      store.memberships.join({ roomId: room.id, userId: newUserId(), role: 'MEMBER', body: 'joined', guard: [], keep: 0 }),
    ]);
    expect(failed).toEqual(Array(3).fill('UNAVAILABLE'));
    expect(await allEntries(store, room.id)).toEqual([expect.objectContaining({ kind: 'MEMBER_JOINED' }), first]);
    expect((await store.timeline.replay(room.id, { ...room.position, number: 0 }, 10)).status).toBe('events');
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    const next = await send(store, room.id, author);
    expect(next.number).toBe(first.number + 1);
    await waitFor(() => heard.length > 0, { what: 'the event' });
    expect(heard).toEqual([expect.objectContaining({ message: next })]);
  });

  it('F20b warns loudly of a policy that deletes messages, and starts', async () => {
    const warnings: string[] = [];
    const log = { ...quiet, warn: (_: object, text: string) => void warnings.push(text) };
    endAfterTest(() => server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction'));
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await open(server, {}, log);
    expect(warnings).toEqual([expect.stringContaining('WILL DELETE MESSAGES')]);
  });

  it('F28 passes poison on a channel over, counts it, and goes on', async () => {
    const unreadable: string[] = [];
    const store = await open(server, { onUnreadable: (where) => unreadable.push(where) });
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    const heard: unknown[] = [];
    endAfterTest(await store.feed.watchRoom(room.id, ({ event }) => heard.push(event)));
    const channel = `chat:{room:${room.id}}`;
    for (const poison of [
      '',
      'x',
      '{',
      'null',
      '7',
      '{"m":[]}',
      '{"t":"new"}',
      `{"e":"0123456789ab","n":1,"m":[1,0,"u",1,1]}`,
      'x'.repeat(5_000_000),
    ])
      await server.command('PUBLISH', channel, poison);
    const sent = await send(store, room.id, author);
    await waitFor(() => heard.length > 0, { what: 'the event' });
    expect(heard).toEqual([expect.objectContaining({ message: sent })]);
    expect(unreadable).toEqual(Array(9).fill(channel));
  });

  it('F28 passes a damaged entry over where it is read, changed and trimmed', async () => {
    const unreadable: string[] = [];
    const store = await open(server, { onUnreadable: (where) => unreadable.push(where) });
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    const sent = [await send(store, room.id, author), await send(store, room.id, author), await send(store, room.id, author)];
    const timeline = `{room:${room.id}}:timeline`;
    await server.command('ZREMRANGEBYSCORE', timeline, '3', '3');
    await server.command('ZADD', timeline, '3', '[3,0,"half');
    const kept = [sent[0], sent[2]];
    const page = await store.timeline.page(room.id, { after: 1, before: null, from: 'start', limit: 10 });
    expect(page.messages).toEqual(kept);
    expect(await store.timeline.get([{ roomId: room.id, number: 3 }])).toEqual([null]);
    const replay = await store.timeline.replay(room.id, { ...room.position, number: 1 }, 10);
    expect(replay.status === 'events' && replay.events.map(({ message }) => message)).toEqual(kept);
    expect(unreadable).toEqual(Array(3).fill(timeline));
    expect(
      await codes([
        store.timeline.edit({
          ...(sent[1] ?? page.messages[0]),
          roomId: room.id,
          number: 3,
          at: 1,
          actorId: author,
          body: 'x',
          mentions: [],
        }),
      ]),
    ).toEqual(['NOT_FOUND']);
    const last = await send(store, room.id, author, { keep: 1 });
    expect(await allEntries(store, room.id)).toEqual([last]);
    expect(await store.memberships.get([{ roomId: room.id, userId: author }])).toEqual([
      expect.objectContaining({ unreadCount: 0 }),
    ]);
  });

  it('F28 P1 gives no number out twice where one message of a call meets data of the wrong kind', async () => {
    const store = await open(server);
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    const first = await send(store, room.id, author);
    await server.command('SET', `{room:${room.id}}:replies`, 'not a sorted set');
    const refused = await codes([
      send(store, room.id, author, { body: 'before' }),
      send(store, room.id, author, { body: 'an answer', replyTo: first }),
      send(store, room.id, author, { body: 'after' }),
    ]);
    expect(refused).toHaveLength(3);
    await server.command('DEL', `{room:${room.id}}:replies`);
    await send(store, room.id, author, { body: 'later' });
    const numbers = (await allEntries(store, room.id)).map(({ number }) => number);
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
    const [head] = await store.timeline.heads([room.id]);
    expect(head?.number).toBe(5);
  });

  it('says why it cannot start, and leaves nothing behind', async () => {
    const proxy = await startProxy(1);
    proxy.refuse();
    endAfterTest(() => proxy.close());
    const nobody = redisSettings({ url: `redis://127.0.0.1:${proxy.port}` });
    const failed = await codes([createRedisStore({ redis: nobody, log: quiet, startMs: 500 })]);
    expect(failed).toEqual(['UNAVAILABLE']);
    expect(proxy.connections).toBe(0);

    const guarded = await startRedis({ settings: { requirepass: 'secret' } });
    endAfterTest(() => guarded.stop());
    const stranger = createRedisStore({ redis: { ...guarded.redis, password: 'wrong' }, log: quiet, startMs: 500 });
    await expect(stranger).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      cause: { message: expect.stringContaining('WRONGPASS') },
    });
    const store = await createRedisStore({ redis: { ...guarded.redis, password: 'secret' }, log: quiet });
    await store.ping();
    await store.close();
  });

  it('P12 closes every connection, whatever runs, and refuses what comes after', async () => {
    const clients = async () =>
      (await server.command('CLIENT', 'LIST')).split('\n').filter((line) => line.includes('name=parley:')).length;
    const before = await clients();
    const store = await createRedisStore({ redis: server.redis, log: quiet });
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    await store.feed.watchRoom(room.id, () => undefined);
    expect(await clients()).toBe(before + 3);
    const running = Array.from({ length: 20 }, () => send(store, room.id, author));
    await store.close();
    await store.close();
    expect(await codes(running)).toEqual([]);
    expect(await codes([send(store, room.id, author), store.feed.watchRoom(room.id, () => undefined)])).toEqual(
      Array(2).fill('UNAVAILABLE'),
    );
    await waitFor(async () => (await clients()) === before, { what: 'the connections to go' });
  });
});

describe('P2 numbers that Redis has lost', () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedis();
    endAfterTest(() => server.stop());
  });

  it('F4 keeps what was acknowledged when Redis is killed, in a new epoch', async () => {
    const store = await open(server);
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    const acknowledged: number[] = [];
    const load = async () => {
      for (;;) acknowledged.push((await send(store, room.id, author)).number);
    };
    const failed = codes([load()]);
    await waitFor(() => acknowledged.length > 200, { what: 'some messages' });
    await server.kill();
    expect(await failed).toEqual(['UNAVAILABLE']);
    await server.restart();
    const next = await waitFor(() => send(store, room.id, author).catch(() => null), { what: 'a send that works' });
    const numbers = (await allEntries(store, room.id)).map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(acknowledged.filter((number) => !numbers.includes(number))).toEqual([]);
    const [head] = await store.timeline.heads([room.id]);
    expect(head?.number).toBe(next.number);
    expect(head?.epoch).not.toBe(room.position.epoch);
    expect((await store.timeline.replay(room.id, { ...room.position, number: acknowledged.at(-1) ?? 0 }, 10)).status).toBe(
      'events',
    );
    expect(await store.timeline.replay(room.id, { ...room.position, number: next.number }, 10)).toMatchObject({
      reason: 'FORKED',
    });
  });

  it('F5 tells who stands on lost ground, before and after the numbers are handed out again', async () => {
    const fragile = await startRedis({ durable: false });
    endAfterTest(() => fragile.stop());
    const store = await open(fragile);
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    for (let count = 0; count < 5; count += 1) await send(store, room.id, author);
    // As after a power loss, or from a backup: what was acknowledged after this is gone when it starts again.
    await fragile.command('SAVE');
    const kept = { ...room.position, number: 6 };
    for (let count = 0; count < 5; count += 1) await send(store, room.id, author);
    const lost = { ...room.position, number: 11 };
    await fragile.restart();
    await answers(store);
    expect(await store.timeline.replay(room.id, lost, 10)).toMatchObject({ status: 'reset', reason: 'FORKED', head: kept });
    for (let count = 0; count < 10; count += 1) await send(store, room.id, author);
    expect(await store.timeline.replay(room.id, lost, 100)).toMatchObject({ status: 'reset', reason: 'FORKED' });
    expect(await store.timeline.replay(room.id, { ...kept, through: 8 }, 100)).toMatchObject({
      status: 'reset',
      reason: 'FORKED',
    });
    const replay = await store.timeline.replay(room.id, kept, 100);
    expect(replay.status === 'events' && replay.events.map(({ position }) => position.number)).toEqual([
      7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ]);
  });

  it('F8 tells who stands on lost ground when a master comes back that was a replica for a while, without a restart', async () => {
    const other = await startRedis();
    endAfterTest(() => other.stop());
    const store = await open(server);
    const author = newUserId();
    const room = await makeRoom(store, { members: [author] });
    await send(store, room.id, author);
    await other.command('REPLICAOF', '127.0.0.1', String(server.port));
    await waitFor(async () => (await other.command('INFO', 'replication')).includes('master_link_status:up'), {
      what: 'the replica',
    });
    await waitFor(async () => (await other.command('EXISTS', `{room:${room.id}}`)) === ':1', { what: 'the room on the replica' });
    await other.command('REPLICAOF', 'NO', 'ONE');
    // Numbers 3 and 4 were never replicated. The room is not written to while the other is master.
    await send(store, room.id, author);
    const lost = { ...room.position, number: (await send(store, room.id, author)).number };
    await server.command('REPLICAOF', '127.0.0.1', String(other.port));
    await waitFor(async () => (await server.command('INFO', 'replication')).includes('master_link_status:up'), {
      what: 'the return',
    });
    expect(await codes([send(store, room.id, author)])).toEqual(['UNAVAILABLE']);
    await server.command('REPLICAOF', 'NO', 'ONE');
    const again = await waitFor(() => send(store, room.id, author).catch(() => null), { what: 'a send that works' });
    expect(again.number).toBe(3);
    await send(store, room.id, author);
    expect(await store.timeline.replay(room.id, lost, 10)).toMatchObject({ status: 'reset', reason: 'FORKED' });
  });
});
