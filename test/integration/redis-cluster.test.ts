import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newUserId } from '../../src/domain/ids.ts';
import type { Store } from '../../src/ports/store.ts';
import { createRedisStore, type StoreLog } from '../../src/store/redis/index.ts';
import { keySlot } from '../../src/store/redis/slot.ts';
import { allEntries, makeRoom, send } from '../contract/fixtures.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts';
import { type RedisServer, redisSettings } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';

const quiet: StoreLog = { warn: () => undefined, error: () => undefined };

/** The numbers of the events of a room as they come live. */
async function hear(store: Store, roomId: string): Promise<number[]> {
  const numbers: number[] = [];
  endAfterTest(await store.feed.watchRoom(roomId, ({ event }) => 'position' in event && numbers.push(event.position.number)));
  return numbers;
}

describe('the Redis store on a cluster', () => {
  let cluster: RedisCluster;
  let store: Store;
  let other: Store;
  const author = newUserId();

  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    await cluster.healthy();
    [store, other] = await Promise.all([open(), open()]);
  });

  async function open(): Promise<Store> {
    const opened = await createRedisStore({ redis: cluster.redis, log: quiet });
    endAfterTest(() => opened.close());
    return opened;
  }

  /** The node that owns the room now. */
  async function ownerOf(roomId: string): Promise<RedisServer> {
    const key = `{room:${roomId}}`;
    for (const node of cluster.nodes) if (!(await node.command('EXISTS', key)).startsWith('-')) return node;
    throw new Error('nobody owns the room');
  }

  /** Moves a room's slot to the next node, key by key, as resharding does. Calls `midway` while its keys are on both. */
  async function move(roomId: string, midway: () => Promise<void> = async () => undefined): Promise<void> {
    const slot = String(keySlot(`{room:${roomId}}`));
    const source = await ownerOf(roomId);
    const target = cluster.nodes[(cluster.nodes.indexOf(source) + 1) % cluster.nodes.length] ?? source;
    const [from, to] = [await source.command('CLUSTER', 'MYID'), await target.command('CLUSTER', 'MYID')];
    await target.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from);
    await source.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to);
    const names = ['', ':timeline', ':changes', ':deleted', ':replies', ':members', ':roles', ':staff', ':reads', ':epochs'];
    const keys = names.map((name) => `{room:${roomId}}${name}`);
    for (const [index, key] of keys.entries()) {
      if (index === 4) await midway();
      await source.command('MIGRATE', '127.0.0.1', String(target.port), key, '0', '2000');
    }
    for (const node of [target, source, ...cluster.nodes]) await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', to);
  }

  it('spreads rooms over the nodes and serves each in as many round trips as there are nodes', async () => {
    const rooms = await Promise.all(Array.from({ length: 60 }, () => makeRoom(store, { members: [author] })));
    await Promise.all(rooms.map(({ id }) => send(other, id, author)));
    const calls = async () =>
      (await Promise.all(cluster.nodes.map((node) => node.command('INFO', 'stats')))).map((info) =>
        Number(/total_reads_processed:(\d+)/.exec(info)?.[1]),
      );
    const pairs = rooms.map(({ id }) => ({ roomId: id, userId: author }));
    await store.memberships.get(pairs);
    const reads: number[][] = [];
    for (let round = 0; round < 10; round += 1) {
      const before = await calls();
      const memberships = await store.memberships.get(pairs);
      const after = await calls();
      expect(memberships.map((membership) => membership?.unreadCount)).toEqual(Array(60).fill(0));
      reads.push(after.map((count, node) => count - (before[node] ?? 0)));
    }
    // Heartbeats and polls of the two stores fall among them and only ever add, so the least is what it takes: one read for INFO itself, and for some twenty
    // rooms about two, as what leaves together is bounded.
    for (const node of cluster.nodes.keys()) expect(Math.min(...reads.map((counts) => counts[node] ?? 0))).toBeLessThanOrEqual(6);
  });

  it('F9 stores each message once and tells of it while the slot of the room moves', async () => {
    const room = await makeRoom(store, { members: [author] });
    const heard = await hear(other, room.id);
    let restored = 0;
    other.feed.onRestored(() => (restored += 1));
    const acknowledged: number[] = [];
    let moving = true;
    const load = async () => {
      while (moving) {
        await send(store, room.id, author).then(
          ({ number }) => acknowledged.push(number),
          (error: unknown) => expect(error).toMatchObject({ code: 'UNAVAILABLE' }),
        );
      }
    };
    const loads = [load(), load()];
    for (let round = 1; round <= 3; round += 1) {
      await waitFor(() => acknowledged.length > 20 * round, { what: 'messages before the move' });
      await move(room.id);
    }
    moving = false;
    await Promise.all(loads);
    const stored = (await allEntries(other, room.id)).map(({ number }) => number);
    expect(stored).toEqual(stored.map((_, index) => index + 1));
    expect(acknowledged.filter((number) => !stored.includes(number))).toEqual([]);
    await waitFor(() => restored > 0, { what: 'the news that something may have been lost' });
    await waitFor(() => other.feed.connected, { what: 'the live feed' });
    const next = await send(store, room.id, author);
    await waitFor(() => heard.includes(next.number), { what: 'the event after the moves' });
    expect(new Set(heard).size).toBe(heard.length);
    expect(heard).toEqual([...heard].sort((a, b) => a - b));
  });

  it('F9 answers while half of the keys of a room have moved, or says that it cannot', async () => {
    const room = await makeRoom(store, { members: [author] });
    await send(store, room.id, author);
    await move(room.id, async () => {
      const started = performance.now();
      const outcomes = await Promise.allSettled([
        send(store, room.id, author),
        store.rooms.get([room.id]),
        store.timeline.replay(room.id, room.position, 10),
        store.memberships.get([{ roomId: room.id, userId: author }]),
      ]);
      expect(performance.now() - started).toBeLessThan(3500);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'UNAVAILABLE' });
      }
    });
    await waitFor(() => send(store, room.id, author).catch(() => null), { what: 'a send that works' });
    const stored = (await allEntries(store, room.id)).map(({ number }) => number);
    expect(stored).toEqual(stored.map((_, index) => index + 1));
  });

  it('F6 stores no message twice when connections are killed under load', async () => {
    const rooms = await Promise.all(Array.from({ length: 6 }, () => makeRoom(store, { members: [author] })));
    const acknowledged = new Set<string>();
    const call = async (body: string, roomId: string) => {
      const outcome = await send(store, roomId, author, { body }).then(
        () => 'OK',
        (error: { code?: string }) => error.code,
      );
      expect(outcome).toMatch(/^(OK|UNAVAILABLE)$/);
      if (outcome === 'OK') acknowledged.add(body);
    };
    for (let round = 0; round < 20; round += 1) {
      const calls = rooms.flatMap(({ id }, index) => Array.from({ length: 20 }, (_, n) => call(`${round}.${index}.${n}`, id)));
      await Promise.all(cluster.nodes.map((node) => node.command('CLIENT', 'KILL', 'TYPE', 'normal')));
      await Promise.all(calls);
    }
    const entries = (await Promise.all(rooms.map(({ id }) => allEntries(other, id)))).flat();
    const stored = entries.filter(({ kind }) => kind === 'TEXT').map(({ body }) => body);
    expect(new Set(stored).size).toBe(stored.length);
    expect([...acknowledged].filter((body) => !stored.includes(body))).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(100);
  });

  it('F4 F10 listens again when a node has been killed and started again', async () => {
    const rooms = await Promise.all(Array.from({ length: 12 }, () => makeRoom(store, { members: [author] })));
    const heard = await Promise.all(rooms.map(({ id }) => hear(other, id)));
    const [victim] = cluster.nodes;
    let restored = 0;
    other.feed.onRestored(() => (restored += 1));
    await victim?.kill();
    await waitFor(() => !other.feed.connected, { what: 'the loss to be noticed' });
    await victim?.restart();
    await cluster.healthy();
    await waitFor(() => restored > 0 && other.feed.connected, { what: 'the live feed', timeoutMs: 10_000 });
    for (const numbers of heard) numbers.length = 0;
    const sent = await Promise.all(
      rooms.map(({ id }) =>
        waitFor(() => send(store, id, author).catch(() => null), { what: 'a send that works', timeoutMs: 10_000 }),
      ),
    );
    await waitFor(() => heard.every((numbers) => numbers.length > 0), { what: 'an event on every channel' });
    expect(heard.map((numbers) => numbers.at(-1))).toEqual(sent.map(({ number }) => number));
  });

  it('says so where a single server was meant, and where no node can be reached', async () => {
    const [node] = cluster.nodes;
    const single = createRedisStore({ redis: redisSettings({ url: node?.url ?? '' }), log: quiet });
    await expect(single).rejects.toThrow('REDIS_CLUSTER_NODES');
    const nowhere = createRedisStore({ redis: redisSettings({ clusterNodes: ['127.0.0.1:1'] }), log: quiet, startMs: 300 });
    await expect(nowhere).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      cause: { message: 'no node of the cluster can be reached' },
    });
  });

  it('P12 keeps no channel and, beside the links to each node, no connection', async () => {
    const room = await makeRoom(store, { members: [author] });
    const end = await store.feed.watchRoom(room.id, () => undefined);
    await end();
    for (const node of cluster.nodes) expect(await node.command('PUBSUB', 'SHARDCHANNELS')).toBe('*0');
    await Promise.all([store.close(), other.close()]);
    const clients = async () =>
      (await Promise.all(cluster.nodes.map((node) => node.command('CLIENT', 'LIST')))).join('\n').split('parley:').length - 1;
    await waitFor(async () => (await clients()) === 0, { what: 'the connections to go' });
  });
});
