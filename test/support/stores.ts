import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Store } from '../../src/ports/store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/index.ts';
import { createRedisStore, type RedisSettings } from '../../src/store/redis/index.ts';
import { startCluster } from './redis-cluster.ts';
import { startRedis } from './redis-server.ts';

/** Stores on the same data. */
export interface Site {
  readonly store: Store;
  /** The store of a second process; the same one where there can be only one. */
  readonly other: Store;
  close(): Promise<void>;
}

/** A log that fails the test run by what it is told: a store has nothing to complain of while it works. */
export const strictLog = {
  warn(facts: object, message: string): void {
    throw new Error(`the store warned: ${message} ${JSON.stringify(facts)}`);
  },
  error(facts: object, message: string): void {
    throw new Error(`the store complained: ${message} ${JSON.stringify(facts)}`);
  },
};

/** A new directory for one test; remove it when done. */
export const temporaryDirectory = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'parley-test-'));

async function openEmbedded(): Promise<Site> {
  const dataDir = await temporaryDirectory();
  const store = await createEmbeddedStore({ dataDir, log: strictLog });
  return {
    store,
    other: store,
    async close() {
      await store.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Two processes' stores on one Redis. */
async function openRedis(start: () => Promise<{ readonly redis: RedisSettings; stop(): Promise<void> }>): Promise<Site> {
  const server = await start();
  try {
    const [store, other] = await Promise.all([1, 2].map(() => createRedisStore({ redis: server.redis, log: strictLog })));
    if (!store || !other) throw new Error('no stores');
    return {
      store,
      other,
      async close() {
        await Promise.all([store.close(), other.close()]);
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

const SITES: readonly { readonly name: string; open(): Promise<Site> }[] = [
  { name: 'embedded', open: openEmbedded },
  { name: 'redis', open: () => openRedis(startRedis) },
  { name: 'redis cluster', open: () => openRedis(startCluster) },
];

/** Runs the same tests on every kind of store. What the tests make is theirs by random ids: they share one site. */
export function onEveryStore(what: string, tests: (site: Pick<Site, 'store' | 'other'>) => void): void {
  describe.each(SITES.map(({ name, open }) => [name, open] as const))(`${what}, %s`, (_, open) => {
    let site: Site;
    beforeAll(async () => {
      site = await open();
    });
    afterAll(() => site.close());
    tests({
      get store() {
        return site.store;
      },
      get other() {
        return site.other;
      },
    });
  });
}
