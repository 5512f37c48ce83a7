import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { endAfterTest } from '../support/leftovers.ts';
import { embedded, twoProcessesOnRedis, useSite } from '../support/site.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { come, LONG, openRoom, signIn } from './pages.ts';

const GROUNDS = [
  { name: 'on the embedded store', open: embedded },
  { name: 'on two processes and one Redis', open: twoProcessesOnRedis },
];

/** The subscriptions a page holds, by name, and the most it held at once. */
function subscriptionsOf(page: Page): { now(): string[]; readonly most: number } {
  const held = new Map<object, Map<string, string>>();
  const now = () => [...held.values()].flatMap((names) => [...names.values()]).sort();
  let most = 0;
  page.on('websocket', (socket) => {
    const names = new Map<string, string>();
    held.set(socket, names);
    socket.on('close', () => held.delete(socket));
    const see = (payload: string | Buffer) => {
      const { type, id, payload: operation } = JSON.parse(String(payload));
      if (type === 'complete' || type === 'error') names.delete(id);
      const name = type === 'subscribe' ? /subscription (\w+)/.exec(operation.query)?.[1] : undefined;
      if (name !== undefined) names.set(id, name);
      most = Math.max(most, now().length);
    };
    socket.on('framesent', ({ payload }) => see(payload));
    socket.on('framereceived', ({ payload }) => see(payload));
  });
  return {
    now,
    get most() {
      return most;
    },
  };
}

describe.each(GROUNDS)('who is there, $name', { timeout: 120_000 }, ({ open }) => {
  const site = useSite(open);
  const bobIs = (page: Page, what: 'online' | 'offline') =>
    page.getByRole('link', { name: new RegExp(`^${what} Bob`) }).waitFor({ timeout: LONG });

  it('P10: is told of direct rooms that are not open, with one viewerEvents and one roomEvents', async () => {
    const alice = await site.arrive('first');
    const subscriptions = subscriptionsOf(alice);
    await signIn(alice, 'alice');
    await openRoom(alice, /General/);
    await bobIs(alice, 'offline');
    const both = ['RoomEvents', 'ViewerEvents'];
    await waitFor(() => subscriptions.now().length === 2, { what: 'both subscriptions' });
    expect(subscriptions.now()).toEqual(both);
    const bob = await come(site, 'bob');
    await bobIs(alice, 'online');
    await bob.close();
    await bobIs(alice, 'offline');
    expect(subscriptions.now()).toEqual(both);
    await openRoom(alice, /Bob/);
    await waitFor(() => subscriptions.now().length === 2, { what: 'the room before to be let go of' });
    expect(subscriptions.now()).toEqual(both);
    // Of the room that is left and the one that is opened both may be there for a moment.
    expect(subscriptions.most).toBeLessThanOrEqual(3);
  });

  it('P10: is right again after a connection that broke, whatever was missed', async () => {
    const wire = await startProxy(Number(new URL(site.server.url).port));
    endAfterTest(wire.close);
    const alice = await come(site, 'alice', { origin: `http://127.0.0.1:${wire.port}` });
    await openRoom(alice, /General/);
    const watcher = await come(site, 'alice');
    const bob = await come(site, 'bob');
    await bobIs(alice, 'online');
    wire.refuse();
    await alice
      .getByText(/Trying again in/)
      .first()
      .waitFor();
    await bob.close();
    await bobIs(watcher, 'offline');
    await bobIs(alice, 'online');
    wire.mend();
    await alice.evaluate(() => dispatchEvent(new Event('online')));
    await bobIs(alice, 'offline');
  });
});
