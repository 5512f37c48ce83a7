import { rm } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, type Visitor, visit } from '../support/browser.ts';
import { post } from '../support/graphql-client.ts';
import { type ServerProcess, startProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';

describe('GraphiQL', () => {
  const ends: (() => Promise<unknown>)[] = [];
  let browser: Browser;
  let server: ServerProcess;
  let visitor: Visitor;

  beforeAll(async () => {
    const dataDir = await temporaryDirectory();
    ends.push(() => rm(dataDir, { recursive: true }));
    server = await startProcess({ PARLEY_DATA_DIR: dataDir, PARLEY_DEMO: 'on' });
    ends.push(() => server.kill());
    browser = await startBrowser();
    ends.push(() => browser.close());
  });

  afterEach(async () => {
    expect(visitor.faults).toEqual([]);
    expect(visitor.foreign).toEqual([]);
    await visitor.close();
  });

  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  async function open(): Promise<Page> {
    visitor = await visit(browser, `${server.url}/graphiql`, { viewport: { width: 1200, height: 900 } });
    await visitor.page.getByRole('tab', { name: /SignIn/ }).waitFor();
    return visitor.page;
  }

  const choose = async (page: Page, tab: string) => {
    // By keyboard: a tab moves under the pointer that comes to it.
    await page.getByRole('button', { name: tab, exact: true }).press('Enter');
    await page.getByRole('tab', { name: new RegExp(tab), selected: true }).waitFor();
  };
  const run = (page: Page) => page.getByRole('button', { name: /Execute query/ }).click();
  const shows = (page: Page, text: string) =>
    waitFor(async () => (await result(page)).includes(text), { what: `${text} among the results`, timeoutMs: 15_000 });
  // The editor writes spaces that do not break.
  const result = async (page: Page) =>
    ((await page.getByLabel('Result Window').textContent()) ?? '').replaceAll('\u00a0', ' ').replaceAll(/\s+/g, ' ');

  async function tokenOf(username: string): Promise<string> {
    const { text } = await post(
      server.url,
      `mutation { signIn(input: { username: "${username}", password: "parley-demo" }) { token } }`,
    );
    return /"token":"([^"]+)"/.exec(text)?.[1] ?? '';
  }

  async function sendAsBob(body: string): Promise<void> {
    const token = await tokenOf('bob');
    const rooms = await post(server.url, '{ rooms(first: 1) { nodes { id } } }', { token });
    const roomId = /"id":"([^"]+)"/.exec(rooms.text)?.[1] ?? '';
    const mutation = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
    const { errors } = await post(server.url, mutation, { token, variables: { input: { roomId, body } } });
    expect(errors).toBeUndefined();
  }

  it('opens with operations that run as they are: sign in, list rooms, subscribe, send; all from this server', async () => {
    const page = await open();
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
    await shows(page, '"__typename": "CaughtUp"');
    await sendAsBob('Live, by the cookie.');
    await shows(page, '"body": "Live, by the cookie."');
    expect(sockets).toEqual([`${server.url.replace('http', 'ws')}/graphql`]);
  });

  it('takes the token from the headers tab, for subscriptions over WebSocket too', async () => {
    const page = await open();
    await choose(page, 'RoomEvents');
    await run(page);
    await shows(page, 'UNAUTHENTICATED');
    await page.getByRole('button', { name: 'Headers' }).click();
    await page.locator('.graphiql-editor-tool .monaco-editor:visible').click();
    await page.keyboard.insertText(JSON.stringify({ authorization: `Bearer ${await tokenOf('carol')}` }));
    await run(page);
    await shows(page, '"__typename": "CaughtUp"');
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
