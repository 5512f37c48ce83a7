import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { embedded, useSite } from '../support/site.ts';
import { waitFor } from '../support/wait-for.ts';
import { act, come, field, openRoom, say } from './pages.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core has against the page as it is now, or against the dialog in front of it; `only` one of its rules. */
async function violations(page: Page, only?: string): Promise<string[]> {
  // Past the policy of the page, which allows no script of others.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await readFile(AXE, 'utf8'));
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations === 1)
        .map(({ finished }) => finished),
    ),
  );
  return page.evaluate(async (rule) => {
    interface Axe {
      run(
        where: Element,
        options: object,
      ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
    }
    const axe: Axe = Reflect.get(window, 'axe');
    const where = document.querySelector('dialog[open]') ?? document.documentElement;
    const { violations: found } = await axe.run(where, { resultTypes: ['violations'], ...(rule && { runOnly: [rule] }) });
    return found.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary.slice(0, 300)}`),
    );
  }, only);
}

describe('for everyone', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  it.each(['light', 'dark'] as const)('axe finds nothing on any screen or dialog, %s', async (colorScheme) => {
    const page = await site.arrive('first', { colorScheme });
    // What is dark differs in its colours only.
    const only = colorScheme === 'dark' ? 'color-contrast' : undefined;
    const check = async (name: string) => expect(await violations(page, only), name).toEqual([]);
    await page.getByLabel('Username').waitFor();
    await check('sign in');
    await page.getByRole('button', { name: 'Create an account' }).click();
    await check('sign up');
    await page.getByRole('button', { name: 'I have an account' }).click();
    await page.getByLabel('Username').fill('alice');
    await page.getByLabel('Password').fill('parley-demo');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: /General/ }).waitFor();
    await check('home');
    await openRoom(page, /General/);
    await say(
      page,
      '# Look\n\n- **here**, `code`, [link](https://example.org), @bob\n\n```\nconst a = 1;\n```\n\n| a |\n|---|\n| b |',
    );
    await page.getByText('const a = 1;').last().waitFor();
    await act(page, 'Look', 'Reply');
    await check('room');
    await field(page).fill('@b');
    await page.getByRole('option').first().waitFor();
    await check('completion');
    await field(page).fill('');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Members and settings' }).click();
    await page.getByRole('button', { name: 'Add someone' }).waitFor();
    await check('panel');
    await page.getByRole('complementary', { name: 'About this room' }).getByRole('button', { name: 'Close' }).click();
    const dialogs: [string, () => Promise<unknown>][] = [
      ['emoji', () => act(page, 'Look', 'Add a reaction')],
      ['delete', () => act(page, 'Look', 'Delete')],
      ['switcher', () => page.keyboard.press('Control+k')],
      ['new room', () => page.getByRole('button', { name: 'New room' }).click()],
      ['new direct', () => page.getByRole('button', { name: 'New direct message' }).click()],
      ['settings', () => page.getByRole('button', { name: 'Account and settings' }).click()],
    ];
    for (const [name, open] of dialogs) {
      await open();
      await page.getByRole('dialog').waitFor();
      await check(name);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await page.getByRole('log').focus();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await check('shortcuts');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Browse rooms' }).click();
    await page.getByRole('link', { name: 'Open General' }).waitFor();
    await check('directory');
  });

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
    const wanted = new Set<string>();
    const want = (name: string) => {
      if (wanted.has(name)) return;
      wanted.add(name);
      for (const each of manifest[name]?.imports ?? []) want(each);
    };
    for (const [name, { isEntry }] of Object.entries(manifest)) if (isEntry) want(name);
    let size = 0;
    for (const name of wanted) size += gzipSync(await readFile(path.join(dist, manifest[name]?.file ?? ''))).length;
    expect(size).toBeGreaterThan(50_000);
    expect(size).toBeLessThanOrEqual(150_000);
  });
});
