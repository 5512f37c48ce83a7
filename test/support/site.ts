import { rm } from 'node:fs/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { startBrowser, type Visitor, visit } from './browser.ts';
import { startRedis } from './redis-server.ts';
import { type ServerProcess, startProcess } from './server-process.ts';
import { temporaryDirectory } from './stores.ts';

/** Demo users, and limits that a test does not reach. */
const AMPLE = { PARLEY_RATE_SEND: '1000/s:1000', PARLEY_RATE_SIGN_IN: '100/s:100', PARLEY_DEMO: 'on' };

/** Where a site runs: how its processes are set up, and what to end after them. */
export interface Ground {
  readonly settings: readonly Readonly<Record<string, string>>[];
  end(): Promise<void>;
}

/** One process on the embedded store. */
export async function embedded(): Promise<Ground> {
  const dataDir = await temporaryDirectory();
  return { settings: [{ PARLEY_DATA_DIR: dataDir }], end: () => rm(dataDir, { recursive: true }) };
}

/** Two processes on one Redis. */
export async function twoProcessesOnRedis(): Promise<Ground> {
  const redis = await startRedis();
  const settings = { REDIS_URL: redis.url };
  return { settings: [settings, settings], end: redis.stop };
}

/** Where a site can run, for stories that hold everywhere. */
export const GROUNDS = [
  { name: 'on the embedded store', open: embedded },
  { name: 'on two processes and one Redis', open: twoProcessesOnRedis },
] as const;

/** A running site, seen through a browser. */
export interface Site {
  /** The process that the first page talks to. */
  readonly server: ServerProcess;
  /** The process that the others talk to; the same where there is one. */
  readonly lastServer: ServerProcess;
  /** Opens the page for a new visitor, on the first or the last process: the same where there is one; or at another `origin` that leads there. */
  arrive(
    process: 'first' | 'last',
    options?: BrowserContextOptions & { readonly path?: string; readonly origin?: string },
  ): Promise<Page>;
}

/**
 * A running site and a browser for the tests of one block. A test that had a page open fails where anything went wrong on it, or where it asked
 * another server for anything.
 */
export function useSite(open: () => Promise<Ground>): Site {
  const ends: (() => Promise<unknown>)[] = [];
  const visitors: Visitor[] = [];
  const servers: ServerProcess[] = [];
  let browser: Browser;

  beforeAll(async () => {
    const ground = await open();
    ends.push(ground.end);
    for (const settings of ground.settings) {
      const server = await startProcess({ ...AMPLE, ...settings });
      ends.push(server.kill);
      servers.push(server);
    }
    browser = await startBrowser();
    ends.push(() => browser.close());
  });
  afterEach(async () => {
    for (const visitor of visitors.splice(0)) {
      await visitor.close();
      expect(visitor.faults).toEqual([]);
      expect(visitor.foreign).toEqual([]);
    }
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  const at = (index: number): ServerProcess => {
    const server = servers.at(index);
    if (server === undefined) throw new Error('the site has not been started');
    return server;
  };
  return {
    get server() {
      return at(0);
    },
    get lastServer() {
      return at(-1);
    },
    async arrive(process, { path = '/', origin, ...options } = {}) {
      const url = origin ?? at(process === 'first' ? 0 : -1).url;
      const visitor = await visit(browser, `${url}${path}`, options);
      visitors.push(visitor);
      return visitor.page;
    },
  };
}
