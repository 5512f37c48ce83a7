import { describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { unavailable } from '../../src/domain/errors.ts';
import { messageId } from '../../src/domain/ids.ts';
import { createEmbeddedStore } from '../../src/store/embedded/index.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { createRoom, signUp } from '../support/server.ts';
import { createStrictLog, temporaryDirectory } from '../support/stores.ts';
import { followStream } from '../support/stream-log.ts';
import { follow } from '../support/subscriber-log.ts';
import { waitFor } from '../support/wait-for.ts';

/** A server whose store can be made unable to read accounts. */
async function start(): Promise<{ app: App; url: string; outage: { refused: number; on: boolean } }> {
  const store = await createEmbeddedStore({ dataDir: await temporaryDirectory(), log: createStrictLog() });
  const outage = { refused: 0, on: false };
  const accounts: typeof store.accounts = {
    ...store.accounts,
    async get(ids) {
      if (!outage.on) return store.accounts.get(ids);
      outage.refused += 1;
      throw unavailable();
    },
  };
  const app = await createApp(readConfig({ PORT: '0' }), { store: { ...store, accounts }, log: createLog('silent') });
  endAfterTest(() => app.close());
  return { app, url: (await app.listen()).url, outage };
}

describe('an event that is told while the store is away', () => {
  // It used to be told without what could not be read, and the reader, who goes on from its cursor, never got the rest.
  it('P5: is told whole, once the store is back, to every kind of reader', async () => {
    const { app, url, outage } = await start();
    const ann = await signUp({ url }, 'ann');
    // One who has not been here yet, so that nothing is remembered of him.
    const bob = await signUp({ url }, 'bob');
    const roomId = await createRoom({ url }, ann, [bob.id]);
    const all = { name: 'ann', urls: [url], user: ann, roomId };
    const readers = [follow(all), follow({ ...all, alone: true }), followStream(all)];
    await waitFor(() => readers.every(({ log }) => log.live), { what: 'the readers' });
    outage.on = true;
    const fields = { body: 'x', mentions: [], replyTo: null, idempotency: null, keep: 0 };
    const { message } = await app.store.timeline.append({ roomId, authorId: bob.id, ...fields });
    await waitFor(() => outage.refused >= 2 * readers.length, { what: 'tries to tell of it' });
    outage.on = false;
    const told = () => readers.map(({ log }) => log.sightings.flatMap((each) => (each.type === 'event' ? [each] : [])));
    await waitFor(() => told().every((events) => events.length > 0), { what: 'the message' });
    const whole = { id: messageId(message), userId: bob.id, state: 'x' };
    for (const events of told()) expect(events).toEqual([expect.objectContaining(whole)]);
    expect(readers.flatMap(({ log }) => log.faults)).toEqual([]);
  });
});
