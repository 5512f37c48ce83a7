import { describe, expect, it } from 'vitest';
import { messageId } from '../../src/domain/ids.ts';
import { createEmbeddedStore } from '../../src/store/embedded/index.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { startRedis } from '../support/redis-server.ts';
import { startLoad } from '../support/room-load.ts';
import { judgeFollowers, type RecordedEvent } from '../support/room-truth.ts';
import { type ServerProcess, startProcess } from '../support/server-process.ts';
import { createStrictLog, temporaryDirectory } from '../support/stores.ts';
import { AMPLE, gather, printedRandom } from '../support/two-nodes.ts';
import { arrivals, verdict } from '../support/verdict.ts';
import { waitFor } from '../support/wait-for.ts';

async function start(settings: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const server = await startProcess({ ...AMPLE, PARLEY_DEMO: 'off', ...settings });
  endAfterTest(() => server.kill());
  return server;
}

describe('processes killed under load', { timeout: 90_000 }, () => {
  it('P3 P4 P5: one of two on Redis, then the other asked to stop: clients move over, nothing is lost or doubled', async () => {
    const random = printedRandom('killed node');
    const redis = await startRedis();
    endAfterTest(() => redis.stop());
    const [one, two] = [await start({ REDIS_URL: redis.url }), await start({ REDIS_URL: redis.url })];
    const urls = [one.url, two.url];
    const crowd = await gather(urls, { people: 5, rooms: 2, followers: 8 });
    const { roomIds, followers } = crowd;
    const load = startLoad({ urls, writers: crowd.people, roomIds, random, restMs: 10 });
    const more = async () => {
      const done = load.done;
      await waitFor(() => load.done > done + 40, { what: 'changes', timeoutMs: 15_000 });
    };
    const everybodyLive = () => waitFor(() => followers.every(({ log }) => log.live), { what: 'everybody', timeoutMs: 5000 });

    await more();
    await one.kill();
    await everybodyLive();
    await more();
    await one.start();
    const codes = followers.map((follower) => follower.codes.length);
    const stopped = two.stop();
    await waitFor(() => followers.some((follower, index) => follower.codes.length > (codes[index] ?? 0)), {
      what: 'the first to be sent away',
    });
    await more();
    expect(await stopped).toBe(0);
    await everybodyLive();
    await load.stop();
    const since = performance.now();
    expect(await verdict({ servers: [redis], url: one.url, crowd, load, since, withinMs: 5000 })).toEqual([]);
    // 1006 by the kill, 1012 by the stop; nothing else ends a socket.
    expect([...new Set(followers.flatMap((follower) => follower.codes))].sort()).toEqual([1006, 1012]);
    expect(load.failed).toBeGreaterThan(0);
  });

  it('P3 P5: the only one, on the embedded store: nothing acknowledged is lost, everybody goes on where they were', async () => {
    const random = printedRandom('killed process');
    const dataDir = await temporaryDirectory();
    const server = await start({ PARLEY_DATA_DIR: dataDir });
    const urls = [server.url];
    const crowd = await gather(urls, { people: 4, rooms: 2, followers: 6 });
    const { roomIds, followers } = crowd;
    const load = startLoad({ urls, writers: crowd.people, roomIds, random, restMs: 5, sendsOnly: true });
    for (let round = 0; round < 3; round += 1) {
      const done = load.done;
      await waitFor(() => load.done > done + 30, { what: 'messages', timeoutMs: 15_000 });
      await server.kill();
      await server.start();
    }
    const done = load.done;
    await waitFor(() => load.done > done + 30, { what: 'messages', timeoutMs: 15_000 });
    await load.stop();
    const heads = await arrivals({ url: server.url, crowd, since: performance.now(), withinMs: 5000 });
    expect(await server.stop()).toBe(0);
    for (const [roomId, head] of heads) {
      const truth = await storedIn(dataDir, roomId);
      const own = followers.filter((follower) => follower.roomId === roomId);
      expect(judgeFollowers(own, truth, head)).toEqual([]);
      const sent = load.sent.flatMap((message) => (message.roomId === roomId ? [message.id] : []));
      expect(
        truth
          .slice(-sent.length)
          .map(({ id }) => id)
          .sort(),
      ).toEqual(sent.sort());
    }
    expect(load.faults).toEqual([]);
    expect(load.failed).toBeGreaterThan(0);
    expect(followers.flatMap(({ log }) => log.sightings.filter(({ type }) => type === 'reset'))).toEqual([]);
  });
});

/** What a room in that directory holds, where nothing but sending ever happened to it. */
async function storedIn(dataDir: string, roomId: string): Promise<RecordedEvent[]> {
  const store = await createEmbeddedStore({ dataDir, log: createStrictLog() });
  const events: RecordedEvent[] = [];
  for (let more = true; more; ) {
    const page = await store.timeline.page(roomId, { after: events.length, before: null, from: 'start', limit: 100 });
    for (const message of page.messages) {
      const { number, body } = message;
      expect(number).toBe(events.length + 1);
      events.push({ epoch: '', number, entry: number, id: messageId(message), state: body });
    }
    more = page.hasAfter;
  }
  await store.close();
  return events;
}
