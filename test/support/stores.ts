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
  /** Ends all; rejects where a store had something to complain of. */
  close(): Promise<void>;
}

/** A log that remembers what a store complains of: while all is well, it has no reason to. */
export function createStrictLog() {
  const complaints: string[] = [];
  const complain = (facts: object, message: string) => complaints.push(`${message} ${JSON.stringify(facts)}`);
  return {
    warn: complain,
    error: complain,
    /** Throws where there were complaints. */
    check(): void {
      if (complaints.length > 0) throw new Error(`the store complained:\n${complaints.join('\n')}`);
    },
  };
}

/** A new directory for one test; remove it when done. */
export const temporaryDirectory = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'parley-test-'));

async function openEmbedded(): Promise<Site> {
  const log = createStrictLog();
  const dataDir = await temporaryDirectory();
  const store = await createEmbeddedStore({ dataDir, log });
  return {
    store,
    other: store,
    async close() {
      await store.close();
      await rm(dataDir, { recursive: true });
      log.check();
    },
  };
}

async function openOnRedis(server: { readonly redis: RedisSettings; stop(): Promise<void> }): Promise<Site> {
  const log = createStrictLog();
  const open = () => createRedisStore({ redis: server.redis, log });
  const [store, other] = await Promise.all([open(), open()]);
  return {
    store,
    other,
    async close() {
      await Promise.all([store.close(), other.close()]);
      await server.stop();
      log.check();
    },
  };
}

/** Every kind of store, and how to get one. */
const SITES = [
  ['embedded', openEmbedded],
  ['redis', async () => openOnRedis(await startRedis())],
  ['redis cluster', async () => openOnRedis(await startCluster())],
] as const;

/** Runs the same tests on every kind of store. What the tests make is theirs by random ids: they share one site. */
export function onEveryStore(what: string, tests: (site: Pick<Site, 'store' | 'other'>) => void): void {
  describe.each(SITES)(`${what}, %s`, (_, open) => {
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
