import { createClient } from 'graphql-ws';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { post } from '../support/graphql-client.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { embedded, useSite } from '../support/site.ts';
import { waitFor } from '../support/wait-for.ts';

describe('GraphiQL', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  async function open(): Promise<Page> {
    const page = await site.arrive('first', { path: '/graphiql', viewport: { width: 1200, height: 900 } });
    await page.getByRole('tab', { name: /SignIn/ }).waitFor();
    await watch(page);
    return page;
  }

  const choose = async (page: Page, tab: string) => {
    // By keyboard: a tab moves under the pointer that comes to it.
    await page.getByRole('button', { name: tab, exact: true }).press('Enter');
    await page.getByRole('tab', { name: new RegExp(tab), selected: true }).waitFor();
  };
  const run = (page: Page) => page.getByRole('button', { name: /Execute query/ }).click();
  // Each result takes the place of the one before, maybe at once: what every picture shows is kept. The editor writes spaces that do not break.
  const watch = (page: Page) =>
    page.evaluate(() => {
      const shown = new Set<string>();
      Object.assign(window, { shown });
      const look = () => {
        const text = document.querySelector('[aria-label="Result Window"]')?.textContent ?? '';
        shown.add(text.replaceAll('\u00a0', ' ').replaceAll(/\s+/g, ' '));
        requestAnimationFrame(look);
      };
      look();
    });
  const shows = async (page: Page, text: string) => {
    const hasShown = (wanted: string) => [...(Reflect.get(window, 'shown') as Set<string>)].some((one) => one.includes(wanted));
    await page.waitForFunction(hasShown, text, { polling: 'raf', timeout: 15_000 }).catch((cause: unknown) => {
      throw new Error(`waited in vain for ${text} among the results`, { cause });
    });
  };

  async function tokenOf(username: string): Promise<string> {
    const { text } = await post(
      site.server.url,
      `mutation { signIn(input: { username: "${username}", password: "parley-demo" }) { token } }`,
    );
    return /"token":"([^"]+)"/.exec(text)?.[1] ?? '';
  }

  /** Has that user come already: that they come is an event too, and would take the place of a message before anybody could see it. */
  async function hasCome(username: string): Promise<void> {
    const token = await tokenOf(username);
    const client = createClient({
      url: `${site.server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      lazy: false,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    endAfterTest(async () => client.dispose());
    const isOnline = async () =>
      (await post(site.server.url, '{ viewer { user { presence { status } } } }', { token })).text.includes('ONLINE');
    await waitFor(isOnline, { what: `${username} to be there` });
  }

  async function sendAsBob(body: string): Promise<void> {
    const token = await tokenOf('bob');
    const rooms = await post(site.server.url, '{ rooms(first: 1) { nodes { id } } }', { token });
    const roomId = /"id":"([^"]+)"/.exec(rooms.text)?.[1] ?? '';
    const mutation = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
    const { errors } = await post(site.server.url, mutation, { token, variables: { input: { roomId, body } } });
    expect(errors).toBeUndefined();
  }

  it('opens with operations that run as they are: sign in, list rooms, subscribe, send; all from this server', async () => {
    const page = await open();
    await hasCome('alice');
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await run(page);
    await shows(page, '"displayName": "Alice"');
    await choose(page, 'MyRooms');
    await run(page);
    await shows(page, '"name": "General"');
    await choose(page, 'Send');
    await run(page);
    await shows(page, '"sendMessage": {');
    await choose(page, 'RoomEvents');
    await run(page);
    await shows(page, '"roomEvents": {');
    await sendAsBob('Live, by the cookie.');
    await shows(page, '"body": "Live, by the cookie."');
    expect(sockets).toEqual([`${site.server.url.replace('http', 'ws')}/graphql`]);
  });

  it('takes the token from the headers tab, for subscriptions over WebSocket too', async () => {
    const page = await open();
    await hasCome('carol');
    await choose(page, 'RoomEvents');
    await run(page);
    await shows(page, 'UNAUTHENTICATED');
    await page.getByRole('button', { name: 'Headers' }).click();
    const headers = page.locator('.graphiql-editor-tool .monaco-editor:visible');
    await headers.click();
    await headers.and(page.locator('.focused')).waitFor();
    await page.keyboard.insertText(JSON.stringify({ authorization: `Bearer ${await tokenOf('carol')}` }));
    await headers.getByText('Bearer').waitFor();
    await run(page);
    await shows(page, '"roomEvents": {');
    await sendAsBob('Live, by the token.');
    await shows(page, '"body": "Live, by the token."');
  });

  it('explains the schema', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.getByRole('link', { name: 'Subscription' }).click();
    await page.getByRole('link', { name: 'roomEvents' }).click();
    await page.getByText('All that happens in one room').first().waitFor();
  });
});
