import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/ports/store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/index.ts';
import { createRedisStore } from '../../src/store/redis/index.ts';
import { post, textAt } from '../support/graphql-client.ts';
import { redisSettings } from '../support/redis-server.ts';
import { GROUNDS, type Ground, useSite } from '../support/site.ts';
import { createStrictLog } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';
import { come, drawn, generalId, LONG, openRoom, said, say, sees, tokenOf } from './pages.ts';

const COUNT = 100_000;

/** The store of that ground. On the embedded one, no process may run. */
function openStore({ settings: [settings = {}] }: Ground): Promise<Store> {
  const { PARLEY_DATA_DIR: dataDir = '', REDIS_URL: url } = settings;
  const log = createStrictLog();
  return url === undefined ? createEmbeddedStore({ dataDir, log }) : createRedisStore({ redis: redisSettings({ url }), log });
}

describe.each(GROUNDS)('a room of 100,000 messages $name', { timeout: 120_000 }, ({ open }) => {
  let ground: Ground;
  const site = useSite(async () => {
    ground = await open();
    return ground;
  });

  /** Fills General, past the servers. */
  async function fill(): Promise<void> {
    const token = await tokenOf(site.server.url, 'bob');
    const roomId = await generalId(site.server.url, token);
    const { data } = await post(site.server.url, '{ viewer { user { id } } }', { token });
    const authorId = textAt(data, 'viewer.user.id');
    const servers = new Set([site.server, site.lastServer]);
    for (const server of servers) await server.stop();
    const store = await openStore(ground);
    for (let from = 1; from <= COUNT; from += 5000) {
      await Promise.all(
        Array.from({ length: 5000 }, (_, n) =>
          store.timeline.append({
            roomId,
            authorId,
            body: `Message ${from + n}`,
            mentions: [],
            replyTo: null,
            idempotency: null,
            keep: 0,
          }),
        ),
      );
    }
    await store.close();
    for (const server of servers) await server.start();
  }

  const operations = (page: Page): string[] => {
    const seen: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/graphql')) seen.push(/(query|mutation) \w+/.exec(request.postData() ?? '')?.[0] ?? 'other');
    });
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        const operation = /subscription (\w+)/.exec(String(payload))?.[0];
        if (operation) seen.push(operation);
      }),
    );
    return seen;
  };

  it('opens with one operation, and scrolls to the top and back with a bounded number of elements', async () => {
    await fill();
    const alice = await site.arrive('first');
    const seen = operations(alice);
    await alice.getByLabel('Username').fill('alice');
    await alice.getByLabel('Password').fill('parley-demo');
    await alice.getByRole('button', { name: 'Sign in' }).click();
    await alice.getByRole('link', { name: /^General/ }).waitFor();
    // What the list itself asks for has been asked.
    await waitFor(() => seen.includes('query Presences'), { what: 'the presences of the list' });
    seen.length = 0;
    await openRoom(alice, /General/);
    expect(seen.filter((operation) => !/MarkRead|query Presences/.test(operation))).toEqual(['subscription RoomEvents']);

    const log = alice.getByRole('log');
    let most = 0;
    const read = new Set<string>();
    const bounded = async () => {
      await drawn(alice);
      most = Math.max(most, await log.locator('*').count());
      for (const body of await said(alice)) read.add(body);
    };
    await alice
      .getByRole('button', { name: 'Jump to newest' })
      .click({ timeout: 3000 })
      .catch(() => undefined);
    await sees(alice, `Message ${COUNT}`);
    const upTo = (body: string) =>
      waitFor(
        async () => {
          await bounded();
          await log.evaluate((box) => box.scrollBy(0, -0.7 * box.clientHeight));
          return read.has(body);
        },
        { what: body, timeoutMs: LONG },
      );
    await upTo(`Message ${COUNT - 400}`);
    for (let number = COUNT - 399; number <= COUNT; number += 1)
      expect(read.has(`Message ${number}`), `Message ${number}`).toBe(true);
    await log.focus();
    await alice.keyboard.press('Home');
    await alice.getByText('This is where it all began.').waitFor();
    await sees(alice, 'Message 1');
    await bounded();
    await waitFor(
      async () => {
        await bounded();
        await log.evaluate((box) => box.scrollBy(0, 0.7 * box.clientHeight));
        return read.has('Message 120');
      },
      { what: 'what comes after the first page', timeoutMs: LONG },
    );
    await alice.getByRole('button', { name: 'Jump to newest' }).click();
    await sees(alice, `Message ${COUNT}`);
    await say(alice, 'At the end again.');
    await sees(alice, 'At the end again.');
    await bounded();
    expect(most).toBeLessThan(3000);
    const bob = await come(site, 'bob');
    await openRoom(bob, /General/);
    await sees(bob, 'At the end again.');
  });
});
