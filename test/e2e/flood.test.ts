import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { embedded, useSite } from '../support/site.ts';
import { waitFor } from '../support/wait-for.ts';
import { come, drawn, LONG, openRoom, said, say, sees, sendAll } from './pages.ts';

const EACH = 250;
const AUTHORS = ['alice', 'bob', 'carol', 'dave'];

describe('a flood', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  it('of 1,000 messages is all there in the end, in order, in a bounded number of elements', async () => {
    const alice = await come(site, 'alice');
    await openRoom(alice, /General/);
    await alice.evaluate(() => {
      const log = document.querySelector('[role=log]');
      let most = 0;
      const look = () => {
        most = Math.max(most, log?.getElementsByTagName('*').length ?? 0);
        Object.assign(window, { most });
        requestAnimationFrame(look);
      };
      look();
    });
    const told = await Promise.all(
      AUTHORS.map((name) =>
        sendAll(
          site.server.url,
          name,
          Array.from({ length: EACH }, (_, index) => `${name} ${index}`),
        ),
      ),
    );
    expect(told.flat()).toHaveLength(EACH * AUTHORS.length);
    await sendAll(site.server.url, 'bob', ['That was all.']);
    await sees(alice, 'That was all.');

    const log = alice.getByRole('log');
    const found = new Map<number, string>();
    const isRead = async () => {
      await drawn(alice);
      const rows = await log
        .locator('[data-index]:has(.body)')
        .evaluateAll((all: HTMLElement[]) =>
          all.map((row) => [row.dataset.index, row.querySelector<HTMLElement>('.body')?.innerText] as const),
        );
      for (const [index, text] of rows) if (text) found.set(Number(index), text);
      return log.evaluate((box) => {
        const isTop = box.scrollTop === 0;
        box.scrollBy(0, -0.7 * box.clientHeight);
        return isTop;
      });
    };
    await waitFor(isRead, { what: 'the beginning', timeoutMs: LONG });
    const read = [...found].sort(([one], [other]) => one - other).map(([, text]) => text);
    for (const [index, name] of AUTHORS.entries()) {
      expect(read.filter((line) => line.startsWith(`${name} `))).toEqual(told[index]);
    }
    expect(await alice.evaluate(() => Reflect.get(window, 'most'))).toBeLessThan(3000);
  });

  it('takes along who is at the end and lets go who leaves it, though nothing on the screen keeps its size', async () => {
    const alice = await come(site, 'alice');
    await sendAll(site.server.url, 'bob', ['Something unread.', 'Another thing.']);
    await restless(alice);
    await openRoom(alice, /General/);
    await alice.getByText('New messages', { exact: true }).waitFor();
    await alice.getByRole('button', { name: 'Jump to newest' }).waitFor({ state: 'detached' });
    await sendAll(site.server.url, 'bob', lines('Taken along', 60));
    await sees(alice, 'Taken along 59');

    const leave: readonly (readonly [string, () => Promise<void>])[] = [
      ['wheel', () => alice.mouse.wheel(0, -400)],
      ['PageUp', () => alice.keyboard.press('PageUp')],
      ['ArrowUp', () => alice.keyboard.press('ArrowUp')],
      ['script', () => alice.getByRole('log').evaluate((log) => log.scrollBy(0, -400))],
    ];
    for (const [how, go] of leave) {
      await alice.getByRole('log').hover();
      await alice.getByRole('log').focus();
      // One key goes but one message up: as often as it takes.
      await waitFor(
        async () => {
          await go();
          return alice.getByRole('button', { name: 'Jump to newest' }).isVisible();
        },
        { what: `the way back after ${how}` },
      );
      await sendAll(site.server.url, 'bob', lines(`Left behind by ${how}`, 30));
      await alice.getByRole('button', { name: '30 new messages' }).waitFor();
      expect(await said(alice)).not.toContain(`Left behind by ${how} 29`);
      await alice.getByRole('log').focus();
      await alice.keyboard.press('End');
      await sees(alice, `Left behind by ${how} 29`);
      await sendAll(site.server.url, 'bob', lines(`Back after ${how}`, 30));
      await sees(alice, `Back after ${how} 29`);
    }
    await say(alice, 'Here I am.');
    await sees(alice, 'Here I am.');
  });

  it('or a window, a font, or what stands below that changes its size, leaves who is at the end there', async () => {
    const alice = await come(site, 'alice');
    await sendAll(site.server.url, 'bob', lines('Before it changes', 60));
    await openRoom(alice, /General/);
    await alice.getByRole('log').focus();
    await alice.keyboard.press('End');
    await sees(alice, 'Before it changes 59');
    const isAtEnd = () =>
      alice.getByRole('log').evaluate((log) => Math.abs(log.scrollHeight - log.scrollTop - log.clientHeight) <= 2);
    const change = async (what: string, how: () => Promise<void>) => {
      await how();
      await waitFor(isAtEnd, { what: `the end after ${what}` });
      await sendAll(site.server.url, 'bob', [`After ${what}.`]);
      await sees(alice, `After ${what}.`);
      await waitFor(isAtEnd, { what: `the end after ${what}, and a message` });
    };
    const fontOf = (size: string) =>
      alice.evaluate((value) => document.documentElement.style.setProperty('font-size', value), size);
    await change('larger letters', () => fontOf('200%'));
    await change('smaller letters', () => fontOf('75%'));
    await change('a small window', () => alice.setViewportSize({ width: 900, height: 400 }));
    await change('a large window', () => alice.setViewportSize({ width: 1400, height: 1100 }));
    await change('a narrow window', () => alice.setViewportSize({ width: 360, height: 640 }));
  });
});

const lines = (text: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${text} ${n}`);

/** From now on every row changes its height with every picture; where one grows, the next shrinks, so that all of them together often stay as they are. */
async function restless(page: Page): Promise<void> {
  await page.evaluate(() => {
    let odd = 0;
    const stir = () => {
      odd = 1 - odd;
      for (const row of document.querySelectorAll<HTMLElement>('[role=log] [data-index]')) {
        row.style.paddingBlockEnd = Number(row.dataset.index) % 2 === odd ? '9px' : '1px';
      }
      requestAnimationFrame(stir);
    };
    stir();
  });
}
