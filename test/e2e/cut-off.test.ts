import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { post } from '../support/graphql-client.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { startRedis } from '../support/redis-server.ts';
import { embedded, GROUNDS, type Ground, type Site, useSite } from '../support/site.ts';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { come, drawn, endsWith, field, LONG, openRoom, said, say, sees, sendAll, showTheSame, signIn } from './pages.ts';

/** High enough to show all of a test's messages at once. */
const viewport = { width: 1000, height: 1600 };

/** Few are kept and fewer replayed, so that one can be away for too long. */
const KEPT = 200;
const REPLAYED = 40;
const FORGETFUL = { PARLEY_HISTORY: String(KEPT), PARLEY_REPLAY_MAX: String(REPLAYED) };

const withSettings = ({ settings, end }: Ground, more: Readonly<Record<string, string>>): Ground => ({
  settings: settings.map((each) => ({ ...each, ...more })),
  end,
});

/** Alice beside the server, and Bob behind a wire that can be cut, both in General. */
async function apart(site: Site): Promise<{ readonly alice: Page; readonly bob: Page; readonly wire: TcpProxy }> {
  const wire = await startProxy(Number(new URL(site.lastServer.url).port));
  endAfterTest(wire.close);
  const alice = await come(site, 'alice', { viewport });
  const bob = await come(site, 'bob', { viewport, origin: `http://127.0.0.1:${wire.port}` });
  for (const page of [alice, bob]) await openRoom(page, /General/);
  return { alice, bob, wire };
}

async function cut(wire: TcpProxy, page: Page): Promise<void> {
  wire.refuse();
  await page
    .getByText(/Trying again in/)
    .first()
    .waitFor();
}

/** Mends the wire, and has the page told as its browser would. */
async function mend(wire: TcpProxy, page: Page): Promise<void> {
  wire.mend();
  await page.evaluate(() => dispatchEvent(new Event('online')));
}

/** The servers forget what they hold in memory; what is not in the store is gone. */
async function restart(site: Site): Promise<void> {
  for (const server of new Set([site.server, site.lastServer])) {
    await server.stop();
    await server.start();
  }
}

const nothingPending = (page: Page) =>
  waitFor(async () => (await page.locator('.pending').count()) === 0, { what: 'nothing pending', timeoutMs: LONG });

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name} ${index + 1}`);

describe.each(GROUNDS)('cut off, $name', { timeout: 120_000 }, ({ open }) => {
  const site = useSite(async () => withSettings(await open(), FORGETFUL));

  it('P3 P4: what both sides write meanwhile arrives once and in order, and stays so', async () => {
    const { alice, bob, wire } = await apart(site);
    await cut(wire, bob);
    const [from, to] = [numbered('From Bob', 4), numbered('To Bob', 4)];
    for (const [index, line] of from.entries()) {
      await say(bob, line);
      await say(alice, to[index] ?? '');
    }
    await sees(alice, 'To Bob 4');
    expect(await said(bob)).not.toContain('To Bob 4');
    await mend(wire, bob);
    for (const reloaded of [false, true]) {
      for (const page of [alice, bob]) {
        if (reloaded) await page.reload();
        for (const line of ['From Bob 4', 'To Bob 4']) await sees(page, line);
        await drawn(page);
        const lines = await said(page);
        expect(lines.filter((line) => line.startsWith('From Bob'))).toEqual(from);
        expect(lines.filter((line) => line.startsWith('To Bob'))).toEqual(to);
      }
      await nothingPending(bob);
      await showTheSame(bob, alice);
    }
  });

  it('P4: an answer that is lost on its way makes no second message', async () => {
    const { alice, bob, wire } = await apart(site);
    wire.cutAnswerTo('Did you hear');
    await say(bob, 'Did you hear me?');
    await sees(alice, 'Did you hear me?');
    await say(bob, 'Never mind.');
    wire.mend();
    for (const page of [alice, bob]) {
      await sees(page, 'Never mind.');
      await endsWith(page, ['Did you hear me?', 'Never mind.']);
    }
    await nothingPending(bob);
  });

  it('P5: a room in which too much happened meanwhile is loaded anew and says so; the rest is there above', async () => {
    const { alice, bob, wire } = await apart(site);
    await cut(wire, bob);
    await say(bob, 'From afar.');
    await field(bob).fill('Half a sentence');
    await sendAll(site.server.url, 'carol', numbered('Far', REPLAYED + 20));
    await restart(site);
    await mend(wire, bob);
    await bob.getByText('A lot happened while you were away.').waitFor();
    for (const page of [alice, bob]) await sees(page, 'From afar.');
    await nothingPending(bob);
    await endsWith(bob, [`Far ${REPLAYED + 20}`, 'From afar.']);
    expect(await field(bob).inputValue()).toBe('Half a sentence');
    const log = bob.getByRole('log');
    const seen = new Set<string>();
    const up = async () => {
      for (const body of await said(bob)) seen.add(body);
      await log.evaluate((box) => box.scrollBy(0, -0.7 * box.clientHeight));
      return seen.has('Far 1');
    };
    await waitFor(up, { what: 'the first message missed', timeoutMs: LONG });
    for (const line of numbered('Far', REPLAYED + 20)) expect(seen).toContain(line);
  });

  it('P5: a room that no longer keeps what was missed is loaded anew and says so, until that is dismissed', async () => {
    const { bob, wire } = await apart(site);
    await cut(wire, bob);
    await sendAll(site.server.url, 'carol', numbered('Old', KEPT + 20));
    await restart(site);
    await mend(wire, bob);
    const notice = bob.getByText('You were away for so long that not everything is kept.');
    await notice.waitFor();
    await sees(bob, `Old ${KEPT + 20}`);
    await bob.getByRole('status').filter({ has: notice }).getByRole('button', { name: 'Close' }).click();
    await notice.waitFor({ state: 'detached' });
    await say(bob, 'What did I miss?');
    await sees(bob, 'What did I miss?');
  });

  it('a session that ended meanwhile leads to the sign-in; draft and queue are kept and go on', async () => {
    const { alice, bob, wire } = await apart(site);
    await cut(wire, bob);
    await say(bob, 'Written before the end.');
    await field(bob).fill('Half a sentence');
    const [cookie] = await bob.context().cookies();
    await post(site.server.url, 'mutation { signOut { signedOut } }', { token: cookie?.value ?? '' });
    await mend(wire, bob);
    await bob.getByText('Your session has ended.').waitFor();
    await signIn(bob, 'bob');
    for (const page of [alice, bob]) await sees(page, 'Written before the end.');
    expect((await said(alice)).filter((line) => line === 'Written before the end.')).toHaveLength(1);
    expect(await field(bob).inputValue()).toBe('Half a sentence');
    await nothingPending(bob);
  });
});

/** A ground whose folder can be exchanged while it stands still. */
interface Past extends Ground {
  readonly folder: string;
  halt(): Promise<void>;
  goOn(): Promise<void>;
}

async function embeddedPast(): Promise<Past> {
  const ground = await embedded();
  const nothing = () => Promise.resolve();
  return { ...ground, folder: ground.settings[0]?.PARLEY_DATA_DIR ?? '', halt: nothing, goOn: nothing };
}

async function redisPast(): Promise<Past> {
  const redis = await startRedis();
  const settings = { REDIS_URL: redis.url };
  const { directory: folder, kill: halt, restart: goOn } = redis;
  return { settings: [settings, settings], end: redis.stop, folder, halt, goOn };
}

describe.each([
  { name: 'the embedded store', open: embeddedPast },
  { name: 'Redis', open: redisPast },
])('$name put back to a backup', { timeout: 120_000 }, ({ open }) => {
  let past: Past;
  const site = useSite(async () => {
    past = await open();
    return past;
  });

  /** Does something while nothing runs. */
  async function halted(work: () => Promise<unknown>): Promise<void> {
    const servers = new Set([site.server, site.lastServer]);
    for (const server of servers) await server.stop();
    await past.halt();
    await work();
    await past.goOn();
    for (const server of servers) await server.start();
  }

  it('P2: open rooms show what there is, and say that something is lost', async () => {
    const copy = await mkdtemp(path.join(tmpdir(), 'parley-test-backup-'));
    endAfterTest(() => rm(copy, { recursive: true, force: true }));
    const pages = [await come(site, 'alice'), await come(site, 'bob')] as const;
    const [alice, bob] = pages;
    for (const page of pages) await openRoom(page, /General/);
    await say(alice, 'In the backup.');
    for (const page of pages) await sees(page, 'In the backup.');
    await halted(() => cp(past.folder, copy, { recursive: true }));
    await say(alice, 'Not in the backup.');
    for (const page of pages) await sees(page, 'Not in the backup.');
    await halted(async () => {
      await rm(past.folder, { recursive: true });
      await cp(copy, past.folder, { recursive: true });
    });
    for (const page of pages) {
      await page.getByText('The server has lost some of its latest messages.').waitFor({ timeout: LONG });
      await endsWith(page, ['In the backup.']);
    }
    await say(bob, 'Where were we?');
    for (const page of pages) await sees(page, 'Where were we?');
    await showTheSame(alice, bob);
  });
});
