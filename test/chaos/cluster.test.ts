import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { keySlot } from '../../src/store/redis/slot.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { startLoad } from '../support/room-load.ts';
import { startServer } from '../support/server.ts';
import { AMPLE, gather, printedRandom } from '../support/two-nodes.ts';
import { errorsOf, verdict } from '../support/verdict.ts';
import { waitFor } from '../support/wait-for.ts';

/** Who serves the room now, and who comes next in line. */
async function ownersOf({ nodes }: RedisCluster, roomId: string): Promise<{ source: RedisServer; target: RedisServer }> {
  for (const [index, source] of nodes.entries()) {
    const target = nodes[(index + 1) % nodes.length];
    if (target && !(await source.command('EXISTS', `{room:${roomId}}`)).startsWith('-')) return { source, target };
  }
  throw new Error('nobody serves the room');
}

/** Moves a room's slot to another master while it is used, as resharding does: key by key, then everybody is told. */
async function move(cluster: RedisCluster, roomId: string): Promise<void> {
  const slot = keySlot(`{room:${roomId}}`);
  const { source, target } = await ownersOf(cluster, roomId);
  const [from, to] = [await source.command('CLUSTER', 'MYID'), await target.command('CLUSTER', 'MYID')];
  await target.command('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', from);
  await source.command('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', to);
  const client = new Redis(source.port, '127.0.0.1');
  for (;;) {
    const keys = await client.cluster('GETKEYSINSLOT', slot, 3);
    if (keys.length === 0) break;
    for (const key of keys) await client.migrate('127.0.0.1', target.port, String(key), 0, 2000);
  }
  client.disconnect();
  for (const node of [target, source, ...cluster.nodes]) await node.command('CLUSTER', 'SETSLOT', String(slot), 'NODE', to);
}

describe('a cluster of three, sharded Pub/Sub, under load', { timeout: 120_000 }, () => {
  it('P3 P4 P5 P6: slots that move, connections that are cut, a master that is killed: nothing missing, twice or out of order', async () => {
    const random = printedRandom('cluster');
    // At once, not held back while a sync runs: a SIGKILL in that moment loses what was acknowledged.
    const cluster = await startCluster({ settings: { appendfsync: 'no' } });
    endAfterTest(() => cluster.stop());
    const settings = { ...AMPLE, REDIS_CLUSTER_NODES: cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',') };
    const nodes = [await startServer(settings), await startServer(settings)];
    const urls = nodes.map(({ url }) => url);
    const crowd = await gather(urls, { people: 5, rooms: 3, followers: 6 });
    const { roomIds, followers } = crowd;
    const load = startLoad({ urls, writers: crowd.people, roomIds, random, restMs: 10 });
    const more = async (changes: number) => {
      const done = load.done;
      await waitFor(() => load.done > done + changes, { what: `${changes} more changes`, timeoutMs: 20_000 });
    };

    await more(30);
    for (const roomId of [...roomIds, random.pick(roomIds)]) {
      await move(cluster, roomId);
      random.pick(followers).drop();
    }
    await more(20);
    for (const type of ['pubsub', 'normal']) {
      for (const node of cluster.nodes) await node.command('CLIENT', 'KILL', 'TYPE', type);
      await more(10);
    }
    const victim = random.pick(cluster.nodes);
    await victim.kill();
    for (const follower of followers) if (random.chance(0.3)) follower.drop();
    await waitFor(
      async () => (await Promise.all(cluster.nodes.map((node) => node === victim || isBroken(node)))).every(Boolean),
      {
        what: 'the others to notice',
        timeoutMs: 20_000,
      },
    );
    await victim.restart();
    await cluster.healthy();
    const since = performance.now();
    await more(30);
    await load.stop();
    expect(await verdict({ servers: cluster.nodes, url: urls[0] ?? '', crowd, load, since, withinMs: 10_000 })).toEqual([]);
    console.log(`${load.done} changes, ${load.failed} tries failed, the longest took ${Math.round(load.longest)} ms`);
    expect(load.longest).toBeLessThan(6000);
    expect(followers.flatMap(({ log }) => log.sightings.filter(({ type }) => type === 'reset'))).toEqual([]);
    expect(errorsOf(nodes)).toEqual([]);
  });
});

const isBroken = async (node: RedisServer): Promise<boolean> =>
  (await node.command('CLUSTER', 'INFO')).includes('cluster_state:fail');
