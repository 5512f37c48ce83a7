import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { post, textAt } from '../support/graphql-client.ts';
import { embedded, useSite } from '../support/site.ts';
import { act, come, field, messageOf, openRoom, say, sees, tokenOf } from './pages.ts';

const SCHEMES = ['light', 'dark'] as const;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core has against the page as it is now, or against the dialog in front of it. */
async function violations(page: Page): Promise<string[]> {
  // Past the policy of the page, which allows no script of others.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await readFile(AXE, 'utf8'));
  // Half way between two states is none. An animation whose element goes away is over as well, though it says so by an AbortError.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations === 1)
        .map(({ finished }) => finished),
    ),
  );
  return page.evaluate(async () => {
    interface Axe {
      run(
        where: Element,
        options: object,
      ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
    }
    const axe: Axe = Reflect.get(window, 'axe');
    const where = document.querySelector('dialog[open]') ?? document.documentElement;
    const { violations: found } = await axe.run(where, { resultTypes: ['violations'] });
    return found.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary.slice(0, 300)}`),
    );
  });
}

describe('axe', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  async function change(username: string, mutation: string): Promise<unknown> {
    const { data, errors } = await post(site.server.url, `mutation { ${mutation} }`, {
      token: await tokenOf(site.server.url, username),
    });
    expect(errors).toBeUndefined();
    return data;
  }

  const userIdOf = async (username: string): Promise<string> => {
    const { data } = await post(site.server.url, '{ viewer { user { id } } }', {
      token: await tokenOf(site.server.url, username),
    });
    return textAt(data, 'viewer.user.id');
  };

  const createRoom = async (username: string, name: string): Promise<string> =>
    textAt(await change(username, `createRoom(input: { name: "${name}", kind: PUBLIC }) { room { id } }`), 'createRoom.room.id');

  it.each(SCHEMES)('finds nothing on any screen or dialog, %s', async (colorScheme) => {
    const page = await site.arrive('first', { colorScheme });
    const check = async (name: string) => expect(await violations(page), name).toEqual([]);
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
    // Not what the one before has sent.
    const look = `Look, ${colorScheme}`;
    const all = '- **here**, `code`, [link](https://example.org), @bob\n\n```\nconst a = 1;\n```\n\n| a |\n|---|\n| b |';
    await say(page, `# ${look}\n\n${all}`);
    await messageOf(page, look).waitFor();
    await act(page, look, 'Reply');
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
      ['emoji', () => act(page, look, 'Add a reaction')],
      ['delete', () => act(page, look, 'Delete')],
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

  it.each(SCHEMES)('finds nothing on what comes in between or goes wrong, %s', async (colorScheme) => {
    const page = await come(site, 'alice', { colorScheme });
    const check = async (name: string) => expect(await violations(page), name).toEqual([]);
    const show = (roomId: string) => page.evaluate((id) => location.assign(`#/room/${id}`), roomId);
    const [own, others] = [await createRoom('alice', `Own ${colorScheme}`), await createRoom('bob', `Others ${colorScheme}`)];

    await openRoom(page, /General/);
    const question = `One to answer, ${colorScheme}`;
    await say(page, question);
    await sees(page, question);
    await act(page, question, 'Reply');
    await say(page, 'An answer');
    await messageOf(page, question).getByRole('button', { name: '1 reply' }).click();
    await page.getByRole('dialog').getByText('An answer').waitFor();
    await check('replies');
    await page.keyboard.press('Escape');
    const refusal = { errors: [{ message: 'Not this.', extensions: { code: 'BAD_USER_INPUT' } }] };
    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('Not this') ? route.fulfill({ json: refusal }) : route.continue(),
    );
    await say(page, 'Not this');
    await page.getByText('Not sent:').last().waitFor();
    await check('refused');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.unroute('**/graphql');
    await field(page).fill('x'.repeat(4100));
    await page.getByText('100 characters too long').waitFor();
    await check('too long');
    await field(page).fill('');
    await act(page, 'An answer', 'Edit');
    await check('edit');
    await page.keyboard.press('Escape');

    const direct = await change('alice', `openDirectRoom(input: { userId: "${await userIdOf('dave')}" }) { room { id } }`);
    await show(textAt(direct, 'openDirectRoom.room.id'));
    await page.getByText('Nothing has been said here yet.').first().waitFor();
    await check('empty room');
    await show(own);
    await page.getByRole('heading', { name: `Own ${colorScheme}` }).waitFor();
    await page.getByRole('button', { name: 'Members and settings' }).click();
    await page.getByRole('button', { name: 'Edit name and topic' }).click();
    await check('edit room');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Add someone' }).click();
    await page.getByRole('combobox', { name: 'Search people' }).fill('bob');
    await page.getByRole('option', { name: /Bob/ }).waitFor();
    await check('add someone');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Leave room' }).click();
    await page.getByRole('dialog').waitFor();
    await check('leave');
    await page.keyboard.press('Escape');

    await show('r000000000000000');
    await page.getByText('There is no such room').waitFor();
    await check('not found');
    await show(others);
    await page.getByText('You are not a member of this room.').waitFor();
    await check('not a member');
    await page.getByRole('button', { name: 'Join this room' }).click();
    await field(page).waitFor();
    await change('bob', `removeMember(input: { roomId: "${others}", userId: "${await userIdOf('alice')}" }) { __typename }`);
    await page.getByText('You are no longer a member of this room.').waitFor();
    await check('removed');

    await openRoom(page, /General/);
    await page.context().setOffline(true);
    await page.getByText('You are offline.').first().waitFor();
    await say(page, 'Said offline');
    await page.getByText('Goes out when the connection is back').waitFor();
    await check('offline');
    await page.context().setOffline(false);
    await sees(page, 'Said offline');

    await page.setViewportSize({ width: 320, height: 560 });
    await check('narrow room');
    await page.getByRole('link', { name: 'All rooms' }).click();
    await page.getByRole('link', { name: /General/ }).waitFor();
    await check('narrow list');
  });

  it.each(SCHEMES)('finds nothing while a page waits for its server, %s', async (colorScheme) => {
    const page = await come(site, 'alice', { colorScheme });
    await openRoom(page, /General/);
    // A server that takes the connection and says nothing.
    await page.routeWebSocket(/graphql/, () => undefined);
    await page.reload();
    await page.getByRole('button', { name: 'New room' }).waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
