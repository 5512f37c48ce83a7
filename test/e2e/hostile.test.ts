import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createEmbeddedStore } from '../../src/store/embedded/index.ts';
import { post, textAt } from '../support/graphql-client.ts';
import { embedded, useSite } from '../support/site.ts';
import { createStrictLog } from '../support/stores.ts';
import { come, generalId, messageOf, openRoom, say, sees, sendAll, tokenOf } from './pages.ts';

const COMBINING = `e${'\u0301\u0489\u20dd\u035c'.repeat(25_000)}`;
const OVERRIDE = '\u202eevael ot elttil os\u202d \u2067and \u2066on\u2067';

/** What a reader sees of a part of the page. */
const pictureOf = async (page: Page, text: string): Promise<string> =>
  (await messageOf(page, text).screenshot({ animations: 'disabled' })).toString('base64');

describe('hostile text', { timeout: 120_000 }, () => {
  let dataDir = '';
  const site = useSite(async () => {
    const ground = await embedded();
    dataDir = ground.settings[0]?.PARLEY_DATA_DIR ?? '';
    return ground;
  });

  /** Says it in General as Bob, past every check of the server. */
  async function smuggle(body: string): Promise<void> {
    const token = await tokenOf(site.server.url, 'bob');
    const roomId = await generalId(site.server.url, token);
    const { data } = await post(site.server.url, '{ viewer { user { id } } }', { token });
    const authorId = textAt(data, 'viewer.user.id');
    await site.server.stop();
    const store = await createEmbeddedStore({ dataDir, log: createStrictLog() });
    await store.timeline.append({ roomId, authorId, body, mentions: [], replyTo: null, idempotency: null, keep: 0 });
    await store.close();
    await site.server.start();
  }

  /** The page answers, and nothing sticks out of it. */
  async function works(page: Page, word: string): Promise<void> {
    await say(page, word);
    await sees(page, word);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  }

  it('of 100,000 combining marks stays in its place, and holds nothing up', async () => {
    await sendAll(site.server.url, 'carol', ['The line before.']);
    await smuggle(COMBINING);
    await sendAll(site.server.url, 'carol', ['The line after.']);
    const alice = await come(site, 'alice');
    await openRoom(alice, /General/);
    await sees(alice, 'The line after.');
    const flooded = messageOf(alice, '\u0301');
    const lines = ['The line before.', 'The line after.'];
    const spilled = await Promise.all(lines.map((line) => pictureOf(alice, line)));
    await flooded.evaluate((message) => {
      message.style.visibility = 'hidden';
    });
    expect(await Promise.all(lines.map((line) => pictureOf(alice, line)))).toEqual(spilled);
    expect((await flooded.boundingBox())?.height).toBeLessThan(5000);
    await works(alice, 'Still here.');
  });

  it('that overrides the direction turns only itself', async () => {
    await sendAll(site.server.url, 'carol', ['Read me forwards.', OVERRIDE, `${OVERRIDE}\n\nSecond paragraph.`, 'And me.']);
    const alice = await come(site, 'alice');
    await openRoom(alice, /General/);
    await sees(alice, 'And me.');
    const turned = messageOf(alice, 'Second paragraph.');
    const xOf = (text: string) =>
      turned.getByText(text).evaluate((paragraph, word) => {
        const range = document.createRange();
        const [node] = paragraph.childNodes;
        if (!node) throw new Error('nothing there');
        const at = (node.textContent ?? '').indexOf(word);
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect().x;
      }, text);
    expect(await xOf('Second')).toBeLessThan(await xOf('paragraph'));
    const line = messageOf(alice, 'And me.');
    const [text, box] = [await line.locator('.body p').boundingBox(), await line.boundingBox()];
    expect(text?.x).toBeGreaterThan(box?.x ?? 0);
    await works(alice, 'Forwards again.');
  });

  it('that is hard to parse is shown all the same', async () => {
    const deep = [
      '>'.repeat(3000),
      '- '.repeat(1500),
      '['.repeat(3500),
      '*a '.repeat(1300),
      '`'.repeat(3999),
      '<a '.repeat(1300),
      '|-'.repeat(1900),
      'x'.repeat(4000),
      '![a](https://example.org/x.png) '.repeat(100),
      'http://'.repeat(500),
    ];
    expect(await sendAll(site.server.url, 'carol', deep)).toEqual(deep);
    await sendAll(site.server.url, 'carol', ['The end of it.']);
    const alice = await come(site, 'alice');
    const begin = performance.now();
    await openRoom(alice, /General/);
    // It opens where the unread ones begin.
    await alice.getByText('New messages', { exact: true }).waitFor();
    await alice.getByRole('log').focus();
    await alice.keyboard.press('End');
    await sees(alice, 'The end of it.');
    await works(alice, 'Passed.');
    // None of it makes the page stand still for long: the whole of it takes less than one such text could.
    expect(performance.now() - begin).toBeLessThan(20_000);
  });
});
