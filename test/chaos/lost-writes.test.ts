import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RedisServer } from '../support/redis-server.ts';
import { startLoad } from '../support/room-load.ts';
import { type Follower, follow } from '../support/subscriber-log.ts';
import { cursorOf, gather, printedRandom, startTwoNodes } from '../support/two-nodes.ts';
import { arrivals, errorsOf, verdict } from '../support/verdict.ts';
import { waitFor } from '../support/wait-for.ts';

const resets = ({ log }: Follower): string[] => log.sightings.flatMap((each) => (each.type === 'reset' ? [each.reason] : []));

/** What Redis has on its disk now; `putBack` has it start again from there, as after a power loss or from a backup. */
async function copyOf(redis: RedisServer): Promise<{ putBack(): Promise<void> }> {
  const folder = path.join(redis.directory, 'appendonlydir');
  const copy = path.join(redis.directory, 'copy');
  await cp(folder, copy, { recursive: true });
  return {
    async putBack() {
      await redis.kill();
      await rm(folder, { recursive: true });
      await cp(copy, folder, { recursive: true });
      await redis.restart();
    },
  };
}

describe('Redis comes back without its newest writes', { timeout: 90_000 }, () => {
  it('P2: everybody past the cut is told FORKED, nobody before it, also after the numbers have been handed out again', async () => {
    const random = printedRandom('lost writes');
    const { redis, nodes, urls } = await startTwoNodes({ settings: { appendfsync: 'no' } });
    const crowd = await gather(urls, { people: 4, rooms: 2, followers: 4 });
    const { owner, people, roomIds, followers } = crowd;
    const write = () => startLoad({ urls, writers: people, roomIds, random, restMs: 5, forgetful: true });
    const places = () =>
      Promise.all(roomIds.map(async (roomId) => ({ roomId, after: (await cursorOf(urls[0], owner, roomId)) ?? '' })));
    const comeBack = (name: string, from: Awaited<ReturnType<typeof places>>): Follower[] =>
      from.map(({ roomId, after }, room) => follow({ name: `${name} of room ${room + 1}`, urls, user: owner, roomId, after }));
    const arrived = (logs: readonly Follower[]) =>
      arrivals({ url: urls[0], crowd: { ...crowd, followers: logs }, since: performance.now(), withinMs: 10_000 });

    const first = write();
    await waitFor(() => first.done > 30, { what: 'a history' });
    await first.stop();
    await arrived(followers);
    const before = await places();
    const copy = await copyOf(redis);
    const second = write();
    await waitFor(() => second.done > 30, { what: 'writes that will be lost' });
    await second.stop();
    await arrived(followers);
    const past = await places();
    await copy.putBack();

    // Nothing new is written yet: only asking shows that anything is gone.
    await arrived(followers);
    expect(followers.map(resets)).toEqual(followers.map(() => ['FORKED']));
    const early = { past: comeBack('past, early', past), before: comeBack('before, early', before) };
    await waitFor(() => [...early.past, ...early.before].every(({ log }) => log.live), { what: 'those who come back early' });

    const third = write();
    await waitFor(() => third.done > 60, { what: 'the numbers to be handed out again' });
    const late = { past: comeBack('past, late', past), before: comeBack('before, late', before) };
    await pause(random.below(100));
    await third.stop();
    const since = performance.now();
    const all = [...followers, ...early.past, ...early.before, ...late.past, ...late.before];
    const evidence = { servers: [redis], url: urls[0], crowd: { ...crowd, followers: all }, load: third, since, forgetful: true };
    expect(await verdict({ ...evidence, withinMs: 10_000 })).toEqual([]);
    for (const one of [...followers, ...early.past, ...late.past])
      expect([one.name, resets(one)]).toEqual([one.name, ['FORKED']]);
    for (const one of [...early.before, ...late.before]) expect([one.name, resets(one)]).toEqual([one.name, []]);
    // Told first, before anything of the new line.
    for (const { log } of [...early.past, ...late.past])
      expect(log.sightings.slice(0, 2).map(({ type }) => type)).toEqual(['connect', 'reset']);
    expect([...first.faults, ...second.faults]).toEqual([]);
    expect(errorsOf(nodes)).toEqual([]);
  });

  it('P2: the same while everybody goes on writing and clients come and go', async () => {
    const random = printedRandom('lost writes under load');
    const { redis, nodes, urls } = await startTwoNodes({ settings: { appendfsync: 'no' } });
    const crowd = await gather(urls, { people: 4, rooms: 2, followers: 6 });
    const load = startLoad({ urls, writers: crowd.people, roomIds: crowd.roomIds, random, restMs: 5, forgetful: true });
    for (let round = 1; round <= 3; round += 1) {
      const done = load.done;
      await waitFor(() => load.done > done + 20, { what: 'writes that stay' });
      const copy = await copyOf(redis);
      await waitFor(() => load.done > done + 40, { what: 'writes that will be lost' });
      for (const follower of crowd.followers) if (random.chance(0.3)) follower.drop();
      await copy.putBack();
    }
    const done = load.done;
    await waitFor(() => load.done > done + 20, { what: 'writes after the last loss', timeoutMs: 10_000 });
    await load.stop();
    const since = performance.now();
    const evidence = { servers: [redis], url: urls[1], crowd, load, since, withinMs: 10_000, forgetful: true };
    expect(await verdict(evidence)).toEqual([]);
    const told = crowd.followers.flatMap(resets);
    expect(new Set(told)).toEqual(new Set(['FORKED']));
    expect(told.length).toBeGreaterThan(crowd.followers.length);
    expect(errorsOf(nodes)).toEqual([]);
  });
});
