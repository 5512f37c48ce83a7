import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { post } from '../support/graphql-client.ts';
import { embedded, useSite } from '../support/site.ts';
import { waitFor } from '../support/wait-for.ts';
import { come, field, LONG, messageOf, openRoom, PASSWORD, say, sees, sendAll, tokenOf } from './pages.ts';

/** What has moved on the page without its reader's doing, from when it was opened: the score of each move, and what moved. */
async function watchShifts(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const shifts: string[] = [];
    Reflect.set(window, 'shifts', shifts);
    interface Shift extends PerformanceEntry {
      readonly value: number;
      readonly sources: readonly { readonly node: Node | null; readonly previousRect: DOMRect; readonly currentRect: DOMRect }[];
    }
    new PerformanceObserver((list) => {
      for (const { value, sources, startTime } of list.getEntries() as Shift[]) {
        const what = sources.map(({ node, previousRect: from, currentRect: to }) => {
          const name = node instanceof HTMLElement ? node.className || node.textContent?.slice(0, 20) : node?.nodeName;
          return `${name} from ${[from.x, from.y, from.width, from.height]} to ${[to.x, to.y, to.width, to.height]}`;
        });
        if (value > 0.002) shifts.push(`${value.toFixed(4)} at ${Math.round(startTime)}: ${what.join('; ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.reload();
  return () => page.evaluate(() => Reflect.get(window, 'shifts'));
}

/** Waits until nothing scrolls and nothing is read any more. */
async function still(log: Locator): Promise<void> {
  await log.evaluate(async (box) => {
    for (let frames = 0, before = ''; frames < 5; frames += 1) {
      await new Promise(requestAnimationFrame);
      const now = `${box.scrollTop} ${box.scrollHeight}`;
      if (now !== before) frames = 0;
      before = now;
    }
  });
}

describe('what is shown while something loads, or is missing', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  it('says that a part of the page did not come, and goes on with the rest', async () => {
    const page = await come(site, 'alice');
    await openRoom(page, /General/);
    await page.context().setOffline(true);
    await page.getByText('You are offline.').first().waitFor();
    await field(page).fill('Half a sentence');

    await page.getByRole('button', { name: 'Account and settings' }).click();
    const missing = page.getByRole('dialog', { name: 'This part of the page could not be loaded.' });
    await missing.getByRole('button', { name: 'Reload the page' }).click();
    await page.keyboard.press('Escape');
    await missing.waitFor({ state: 'detached' });
    expect(await field(page).inputValue()).toBe('Half a sentence');

    await page.getByRole('link', { name: 'Browse rooms' }).click();
    await page.getByRole('heading', { name: 'This part of the page could not be loaded.' }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await page.getByRole('link', { name: 'Open General' }).click();
    await field(page).waitFor();
    expect(await field(page).inputValue()).toBe('Half a sentence');
    await page.getByRole('button', { name: 'Account and settings' }).click();
    await page.getByRole('dialog', { name: 'Account and settings' }).waitFor();
    await page.keyboard.press('Escape');
    await say(page, 'A whole sentence');
    await sees(page, 'A whole sentence');
  });

  it('stays with the sign-in where the code of what follows does not come, and goes on once it does', async () => {
    const page = await site.arrive('first');
    const missing = 'The page could not be loaded completely.';
    await page.route(/\/chat-[^/]*\.js$/, (route) => route.abort('connectionrefused'));
    await page.reload();
    await page.getByRole('alert').filter({ hasText: missing }).getByRole('button', { name: 'Reload the page' }).waitFor();
    await page.getByLabel('Username').fill('alice');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: missing }).waitFor();
    await page.unroute(/\/chat-[^/]*\.js$/);
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await page.getByRole('link', { name: /General/ }).waitFor();
  });

  it.each([
    { width: 360, height: 740 },
    { width: 1600, height: 1400 },
  ])('moves nothing while rooms, a room and older messages come, $width px wide', async (viewport) => {
    const { url } = site.server;
    const token = await tokenOf(url, 'bob');
    const names = ['First', 'Second', 'Third', 'Fourth', 'Fifth'].map((name) => `${name} ${viewport.width}`);
    for (const name of names) await post(url, `mutation { createRoom(input: { name: "${name}" }) { __typename } }`, { token });
    const long = (index: number) => `Part ${index + 1}\n`.repeat((index % 6) + 1);
    await sendAll(
      url,
      'bob',
      Array.from({ length: 90 }, (_, index) => long(index)),
    );
    const page = await come(site, 'bob', { viewport });
    await openRoom(page, new RegExp(names[0] ?? ''));
    for (let index = 0; index < 7; index += 1) await say(page, long(index));
    await sees(page, long(6).trim());
    const shifts = await watchShifts(page);
    await sees(page, long(6).trim());
    await page.goto(`${page.url().split('#')[0]}#/`);
    await openRoom(page, /General/);
    await messageOf(page, 'Part 90').waitFor();
    expect(await shifts()).toEqual([]);
    const log = page.getByRole('log');
    await log.hover();
    const up = async () => {
      await page.mouse.wheel(0, -300);
      await still(log);
      return page.getByText('This is where it all began.').isVisible();
    };
    await waitFor(up, { what: 'the beginning of the room', timeoutMs: LONG });
    expect(await shifts()).toEqual([]);
  });
});
