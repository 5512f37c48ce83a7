import { describe, expect, it } from 'vitest';
import { embedded, useSite } from '../support/site.ts';
import { come, openRoom, sees, sendAll } from './pages.ts';

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

    const lines = await alice.evaluate(async (beginning) => {
      const log = document.querySelector<HTMLElement>('[role=log]');
      const found = new Map<number, string>();
      while (log && !log.innerText.includes(beginning)) {
        for (const row of log.querySelectorAll<HTMLElement>('[data-index]')) {
          found.set(Number(row.dataset.index), row.querySelector<HTMLElement>('.body')?.innerText ?? '');
        }
        log.scrollBy(0, -0.7 * log.clientHeight);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      return [...found].sort(([one], [other]) => one - other).map(([, text]) => text);
    }, 'This is where it all began.');
    for (const [index, name] of AUTHORS.entries()) {
      expect(lines.filter((line) => line.startsWith(`${name} `))).toEqual(told[index]);
    }
    expect(await alice.evaluate(() => Reflect.get(window, 'most'))).toBeLessThan(3000);
  });
});
