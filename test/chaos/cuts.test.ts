import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startLoad } from '../support/room-load.ts';
import { gather, printedRandom, startTwoNodes } from '../support/two-nodes.ts';
import { errorsOf, verdict } from '../support/verdict.ts';
import { followViewer, unreadOf } from '../support/viewer-log.ts';
import { waitFor } from '../support/wait-for.ts';

describe('connections cut at random moments under load', { timeout: 90_000 }, () => {
  it('P3 P4 P5 P6 P11: nothing missing, twice or out of order for anybody, all there within 5 s, each message stored once', async () => {
    const random = printedRandom('cuts');
    const { redis, nodes, wires, urls } = await startTwoNodes();
    const crowd = await gather(urls, { people: 6, rooms: 3, followers: 10 });
    const viewers = crowd.people.map((user) => ({ user, log: followViewer(urls, user) }));
    const load = startLoad({ urls, writers: crowd.people, roomIds: crowd.roomIds, random, restMs: 10 });
    const faults = [
      () => redis.command('CLIENT', 'KILL', 'TYPE', 'normal'),
      () => redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub'),
      () => wires[0].cut(),
      () => wires[1].cut(),
      () => random.pick(wires).cutAnswers(random.below(4)),
      () => random.pick(wires).refuse(),
      () => redis.command('SCRIPT', 'FLUSH'),
    ];
    for (let round = 0; round < 28; round += 1) {
      await faults[round % faults.length]?.();
      random.pick(crowd.followers).drop();
      if (random.chance(0.2)) random.pick(viewers).log.drop();
      await pause(20 + random.below(200));
      for (const wire of wires) wire.mend();
    }
    const since = performance.now();
    await load.stop();
    expect(await verdict({ servers: [redis], url: urls[1], crowd, load, since, withinMs: 5000 })).toEqual([]);
    for (const { user, log } of viewers) {
      const truth = await unreadOf(urls[0], user);
      const wrong = () => [...truth].filter(([roomId, unread]) => log.unread.get(roomId) !== unread);
      await waitFor(() => wrong().length === 0, { what: 'the unread counts' }).catch(() => expect(wrong()).toEqual([]));
      expect(log.unread.size).toBe(truth.size);
    }
    console.log(`${load.done} changes, ${load.failed} tries failed, the longest took ${Math.round(load.longest)} ms`);
    expect(errorsOf(nodes)).toEqual([]);
    expect(load.longest).toBeLessThan(4000);
    // Something must have gone wrong, or nothing was tried.
    expect(load.failed).toBeGreaterThan(0);
  });

  it('P5 P6 F11: a link that goes dead without a word is noticed within 5 s, and nothing is missing once there is one again', async () => {
    const random = printedRandom('dead link');
    const { redis, nodes, wires, urls } = await startTwoNodes();
    const crowd = await gather(urls, { people: 4, rooms: 2, followers: 6 });
    const load = startLoad({ urls, writers: crowd.people, roomIds: crowd.roomIds, random, restMs: 20 });
    const isReady = async () => (await fetch(`${urls[0]}/readyz`)).status === 200;
    await waitFor(() => load.done > 20, { what: 'a history' });
    wires[0].stall();
    const dead = performance.now();
    await waitFor(async () => !(await isReady()), { what: 'the node to notice', timeoutMs: 5000 });
    console.log(`noticed after ${Math.round(performance.now() - dead)} ms`);
    const done = load.done;
    // Through the other node all goes on.
    await waitFor(() => load.done > done + 20, { what: 'more changes', timeoutMs: 15_000 });
    wires[0].mend();
    const since = performance.now();
    await waitFor(isReady, { what: 'the node to be ready again' });
    await load.stop();
    expect(await verdict({ servers: [redis], url: urls[0], crowd, load, since, withinMs: 8000 })).toEqual([]);
    expect(load.longest).toBeLessThan(6000);
    expect(errorsOf(nodes)).toEqual([]);
  });
});
