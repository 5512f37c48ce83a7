import { describe, expect, it } from 'vitest';
import { makePeople, makeRoom } from '../../bench/lib/people.ts';
import { createHerd } from '../../bench/load/herd.ts';
import { createRedisStore } from '../../src/store/redis/index.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { startRedis } from '../support/redis-server.ts';
import { startProcess } from '../support/server-process.ts';
import { createStrictLog } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';

// `npm run bench -- herd` has 5,000; here others work on the same cores.
const SOCKETS = Number(process.env.PARLEY_HERD ?? 1500);

describe('a herd', { timeout: 120_000 }, () => {
  it('P5 P6: comes back from its cursors, to the same process and to a new one: nothing missed, few reads, no stall of the event loop', async () => {
    const redis = await startRedis({ durable: false });
    endAfterTest(() => redis.stop());
    const store = await createRedisStore({ redis: redis.redis, log: createStrictLog() });
    endAfterTest(() => store.close());
    const people = await makePeople(store, SOCKETS, 'herd');
    const [owner] = people;
    if (!owner) throw new Error('nobody is there');
    const roomId = await makeRoom(store, 'Herd', people);
    const server = await startProcess({
      REDIS_URL: redis.url,
      PARLEY_DEMO: 'off',
      PARLEY_SOCKETS_PER_ADDRESS: '100000',
      PARLEY_SOCKETS_ENTERING: '300',
    });
    endAfterTest(() => server.kill());
    const herd = createHerd(Number(new URL(server.url).port), people, roomId);
    endAfterTest(() => herd.stop());

    const measures = async () => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      const of = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
      return {
        // The longest since it was asked for the last time.
        stall: of('nodejs_eventloop_lag_max_seconds'),
        replays: of('parley_replays_total'),
        sentAway: of('parley_sockets_refused_total{reason="busy"}'),
      };
    };
    let head = 0;
    const write = async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        const said = { roomId, authorId: owner.userId, body: 'x', mentions: [], replyTo: null, idempotency: null, keep: 0 };
        head = (await store.timeline.append(said)).message.number;
      }
    };
    const everybody = () => waitFor(() => herd.reached(head) === SOCKETS, { what: 'everybody', timeoutMs: 40_000 });

    await herd.start(128);
    await write(3);
    await everybody();
    const before = await measures();
    const seconds: string[] = [];
    const timed = async (again: () => Promise<void>) => {
      const begun = performance.now();
      await again();
      seconds.push(((performance.now() - begun) / 1000).toFixed(1));
    };

    await timed(async () => {
      herd.drop();
      await write(20);
      await everybody();
    });
    const dropped = await measures();
    await timed(async () => {
      await server.kill();
      await write(20);
      await server.start();
      await write(20);
      await everybody();
    });
    const restarted = await measures();

    console.log(
      `${SOCKETS} sockets came back within ${seconds.join(' and ')} s; longest stalls ${dropped.stall} and ${restarted.stall} s; ` +
        `${herd.sentAway} were sent away at first`,
    );
    expect(herd.faults).toEqual([]);
    expect(Math.max(dropped.stall, restarted.stall)).toBeLessThan(1);
    // All resume from about the same place: what one has had read serves the rest.
    expect(dropped.replays - before.replays).toBeLessThanOrEqual(3);
    expect(restarted.replays).toBeLessThanOrEqual(3);
  });
});
