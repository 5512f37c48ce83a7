import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { embedded, useSite } from '../support/site.ts';
import { waitFor } from '../support/wait-for.ts';
import { come, drawn, LONG, openRoom } from './pages.ts';

describe('for everyone', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  it('works by keyboard alone: through messages, to what can be done with them, and back', async () => {
    const page = await come(site, 'alice');
    await openRoom(page, /General/);
    await page.getByRole('log').focus();
    await page.keyboard.press('ArrowUp');
    await waitFor(() => page.evaluate(() => document.activeElement?.tagName === 'ARTICLE'), { what: 'the focus on a message' });
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Escape');
    await waitFor(() => page.evaluate(() => document.activeElement?.tagName === 'TEXTAREA'), {
      what: 'the focus back in the field',
    });
    await page.keyboard.press('Alt+ArrowDown');
    await page
      .getByRole('heading', { name: /Carol|Bob/ })
      .first()
      .waitFor();
  });

  it('works by touch: a tap shows what can be done with a message and does none of it, and all can be hit', async () => {
    const page = await come(site, 'alice', { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true });
    await openRoom(page, /General/);
    const text = page.getByText('it all came back in order');
    const tools = page.locator('.message').filter({ has: text }).getByRole('toolbar');
    await drawn(page);
    await text.scrollIntoViewIfNeeded();
    const tap = async (part: number) => {
      const { x, y, width } = (await text.boundingBox()) ?? { x: 0, y: 0, width: 0 };
      await page.touchscreen.tap(x + width * part, y + 4);
      return tools.isVisible();
    };
    // What comes in meanwhile may move it away from under the finger.
    for (const part of [0.2, 0.5, 0.95]) await waitFor(() => tap(part), { what: 'what can be done', timeoutMs: LONG });
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.getByText('Replying to').count()).toBe(0);
    expect(await page.getByText('Link copied').count()).toBe(0);
    const small = await page.locator('.room :is(.icon-button, .button):visible').evaluateAll((buttons) =>
      buttons
        .map((one) => ({ name: one.ariaLabel ?? one.textContent, box: one.getBoundingClientRect() }))
        .filter(({ box }) => Math.min(box.width, box.height) < 44)
        .map(({ name }) => name),
    );
    expect(small).toEqual([]);
  });

  it('speaks German, is dark by choice, and remembers both', async () => {
    const page = await come(site, 'alice');
    await page.getByRole('button', { name: 'Account and settings' }).click();
    await page.getByText('Dark', { exact: true }).click();
    await page.getByText('Deutsch', { exact: true }).click();
    await page.getByRole('heading', { name: 'Konto und Einstellungen' }).waitFor();
    await page.keyboard.press('Escape');
    await page.reload();
    await page.getByRole('link', { name: 'Räume entdecken' }).waitFor();
    expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme])).toEqual([
      'de',
      'dark',
    ]);
  });

  it('loads at most 150 kB of script at first', async () => {
    const dist = path.resolve(import.meta.dirname, '../../dist/web');
    const manifest: Record<string, { file: string; isEntry?: boolean; imports?: string[] }> = JSON.parse(
      await readFile(path.join(dist, '.vite/manifest.json'), 'utf8'),
    );
    const html = await readFile(path.join(dist, 'index.html'), 'utf8');
    const wanted = new Set<string>();
    const want = (name: string) => {
      if (wanted.has(name)) return;
      wanted.add(name);
      for (const each of manifest[name]?.imports ?? []) want(each);
    };
    // What begins, what it imports, and all else that the page itself names.
    for (const [name, { isEntry, file }] of Object.entries(manifest)) if (isEntry || html.includes(file)) want(name);
    expect(wanted).toContain('src/chat.tsx');
    let size = 0;
    for (const name of wanted) size += gzipSync(await readFile(path.join(dist, manifest[name]?.file ?? ''))).length;
    expect(size).toBeGreaterThan(50_000);
    expect(size).toBeLessThanOrEqual(150_000);
  });
});
