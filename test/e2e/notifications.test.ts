import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { endAfterTest } from '../support/leftovers.ts';
import { embedded, useSite } from '../support/site.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { anotherTab, come, directWith, LONG, openRoom, say, sees, sendAll } from './pages.ts';

/** Has the tabs of that person loaded with notifications allowed, which are only written down. */
async function allowNotifications(page: Page): Promise<void> {
  await page.context().addInitScript(() => {
    const told: string[] = [];
    class Told {
      static readonly permission = 'granted';
      constructor(title: string, { body }: { body: string }) {
        told.push(`${title}: ${body}`);
      }
    }
    Object.assign(window, { Notification: Told, told });
  });
  await page.reload();
  await page.getByRole('link', { name: /General/ }).waitFor();
}

/** What that tab has told of. */
const toldBy = (tab: Page): Promise<string[]> => tab.evaluate(() => Reflect.get(window, 'told'));

/** Ends that tab as a bug in the browser would: nothing runs in it any more, no handler of its end either. */
async function crash(tab: Page): Promise<void> {
  const session = await tab.context().newCDPSession(tab);
  const crashed = tab.waitForEvent('crash');
  // It is never answered.
  session.send('Page.crash').catch(() => undefined);
  await crashed;
}

describe('a page with notifications', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  it('offers notifications once per user, not once per tab', async () => {
    const alice = await come(site, 'alice');
    await alice.context().addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'default' }));
    await alice.reload();
    const tabs = [alice, await anotherTab(alice)];
    const offer = (tab: Page) => tab.getByRole('region', { name: 'Notifications' });
    for (const tab of tabs) await offer(tab).waitFor();
    await offer(alice).getByRole('button', { name: 'Not now' }).click();
    for (const tab of tabs) await offer(tab).waitFor({ state: 'detached' });
    await alice.reload();
    await alice.getByRole('link', { name: /General/ }).waitFor();
    expect(await offer(alice).count()).toBe(0);
  });

  it('tells of a direct message and of every mention once, however many tabs there are and however much came at once', async () => {
    const alice = await come(site, 'alice');
    await allowNotifications(alice);
    const tabs = [alice, await anotherTab(alice), await anotherTab(alice)];
    for (const tab of tabs) await tab.getByRole('link', { name: /General/ }).waitFor();
    const told = async () => (await Promise.all(tabs.map(toldBy))).flat();
    // So fast that they reach the page as one change.
    await sendAll(site.server.url, 'bob', ['Nobody in particular.', 'You, @alice!', 'Never mind.', 'And @alice again', 'Bye.']);
    const bob = await come(site, 'bob');
    await bob.getByRole('link', { name: 'Alice' }).click();
    await say(bob, 'Psst.');
    await waitFor(async () => (await told()).includes('Bob: Psst.'), { what: 'the direct message', timeoutMs: LONG });
    for (const tab of tabs) await tab.getByRole('link', { name: /Bob .*1 unread message/ }).waitFor();
    await waitFor(async () => (await told()).length === 3, { what: 'both mentions', timeoutMs: LONG });
    expect((await told()).sort()).toEqual(['Bob in General: And @alice again', 'Bob in General: You, @alice!', 'Bob: Psst.']);
  });

  it('tells of the latest direct messages that came as one change, in a room that began with them too', async () => {
    const proxy = await startProxy(Number(new URL(site.server.url).port));
    endAfterTest(proxy.close);
    const alice = await come(site, 'alice', { origin: `http://127.0.0.1:${proxy.port}` });
    await allowNotifications(alice);
    await openRoom(alice, /General/);
    proxy.refuse();
    await alice
      .getByText(/Trying again in/)
      .first()
      .waitFor();
    await sendAll(site.server.url, 'bob', ['One.', 'Two.', 'Three.', 'Four.'], directWith('alice'));
    await sendAll(site.server.url, 'dave', ['Hello.', 'It is me.'], directWith('alice'));
    proxy.mend();
    await alice.evaluate(() => dispatchEvent(new Event('online')));
    await waitFor(async () => (await toldBy(alice)).length >= 5, { what: 'the direct messages', timeoutMs: LONG });
    expect((await toldBy(alice)).filter((line) => line.startsWith('Bob'))).toEqual(['Bob: Two.', 'Bob: Three.', 'Bob: Four.']);
    expect((await toldBy(alice)).filter((line) => line.startsWith('Dave'))).toEqual(['Dave: Hello.', 'Dave: It is me.']);
    expect(await toldBy(alice)).toHaveLength(5);
  });

  it.each([
    ['with', true],
    ['without', false],
  ])('says nothing of a room that another tab shows to someone who looks, in a browser %s locks', async (_, locks) => {
    const alice = await come(site, 'alice');
    if (!locks)
      await alice.context().addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
    await allowNotifications(alice);
    const other = await anotherTab(alice);
    await openRoom(other, /General/);
    await sendAll(site.server.url, 'bob', ['Do you see this, @alice?']);
    await sees(other, 'Do you see this, @alice?');
    await sendAll(site.server.url, 'bob', ['And this?'], directWith('alice'));
    const told = async () => (await Promise.all([alice, other].map(toldBy))).flat();
    await waitFor(async () => (await told()).length > 0, { what: 'the direct message', timeoutMs: LONG });
    expect(new Set(await told())).toEqual(new Set(['Bob: And this?']));
  });

  it('tells of a room that a tab showed until it crashed', async () => {
    const alice = await come(site, 'alice');
    await allowNotifications(alice);
    const other = await anotherTab(alice);
    await other.getByRole('link', { name: /General/ }).waitFor();
    await openRoom(alice, /General/);
    await crash(alice);
    // The browser takes from the dead what they held, in its own time.
    const holders = () =>
      other.evaluate(async () => new Set((await navigator.locks.query()).held?.map(({ clientId }) => clientId)).size);
    await waitFor(async () => (await holders()) === 1, { what: 'the end of what the crashed tab held' });
    await sendAll(site.server.url, 'bob', ['Are you still there, @alice?']);
    await waitFor(async () => (await toldBy(other)).length > 0, { what: 'the mention', timeoutMs: LONG });
    expect(await toldBy(other)).toEqual(['Bob in General: Are you still there, @alice?']);
  });
});
