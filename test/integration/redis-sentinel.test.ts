import { expect, it } from 'vitest';
import { newUserId } from '../../src/domain/ids.ts';
import { closeClient, openSingle } from '../../src/store/redis/clients.ts';
import { createRedisStore } from '../../src/store/redis/index.ts';
import { allEntries, makeRoom, send } from '../contract/fixtures.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { startSentinel } from '../support/redis-sentinel.ts';
import { waitFor } from '../support/wait-for.ts';

it('F8 follows Sentinel to the new master, keeps what was replicated, and tells who stands on lost ground', async () => {
  const { master, redis, replicated, holdBack, stop } = await startSentinel();
  endAfterTest(stop);
  const store = await createRedisStore({ redis, log: { warn: () => undefined, error: () => undefined } });
  endAfterTest(() => store.close());
  const author = newUserId();
  const room = await makeRoom(store, { members: [author] });
  const heard: number[] = [];
  endAfterTest(await store.feed.watchRoom(room.id, ({ event }) => 'position' in event && heard.push(event.position.number)));
  let restored = 0;
  store.feed.onRestored(() => (restored += 1));
  for (let count = 0; count < 20; count += 1) await send(store, room.id, author);
  await replicated();
  const kept = { ...room.position, number: 21 };

  // What is acknowledged from here on is lost with the master.
  holdBack();
  const lost = [await send(store, room.id, author), await send(store, room.id, author)];
  await master.kill();

  // Sentinel's announcement may cut a connection that has already found the new master by itself.
  const again = <T>(call: () => Promise<T>) =>
    waitFor(() => call().catch(() => null), { what: 'the new master', timeoutMs: 30_000 });
  const next = await again(() => send(store, room.id, author));
  expect(next.number).toBe(22);
  await waitFor(() => restored > 0 && store.feed.connected, { what: 'the live feed', timeoutMs: 10_000 });
  await waitFor(
    async () => {
      const last = await again(() => send(store, room.id, author));
      return waitFor(() => heard.includes(last.number), { what: 'its event', timeoutMs: 1000 }).catch(() => false);
    },
    { what: 'an event from the new master', timeoutMs: 10_000 },
  );
  const numbers = (await again(() => allEntries(store, room.id))).map(({ number }) => number);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  const ground = { ...room.position, number: lost[1]?.number ?? 0 };
  expect(await store.timeline.replay(room.id, ground, 10)).toMatchObject({ status: 'reset', reason: 'FORKED' });
  expect(await store.timeline.replay(room.id, kept, 10)).toMatchObject({ status: 'events' });
}, 60_000);

it('comes back where a connection is cut while it still asks Sentinel for the master', async () => {
  const { redis, stop } = await startSentinel();
  endAfterTest(stop);
  const client = openSingle(redis, 'test');
  endAfterTest(() => closeClient(client));
  client.on('error', () => undefined);
  expect(client.status).toBe('connecting');
  client.disconnect(true);
  // ioredis gives up here, once and for all.
  await waitFor(() => client.status === 'end', { what: 'the end' });
  await waitFor(() => client.status === 'ready', { what: 'the way back' });
});
