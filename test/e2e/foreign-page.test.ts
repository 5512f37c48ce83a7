import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { at, post } from '../support/graphql-client.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { signUp, startServer } from '../support/server.ts';

/** An empty page at another port; returns its port. */
async function startForeignPage(): Promise<number> {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Elsewhere</title>'),
  );
  endAfterTest(() => server.closeAllConnections());
  endAfterTest(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Signs the browser in as a page of the server's own would, with the web session's cookie. */
async function signIn(page: Page, username: string, password: string): Promise<void> {
  const status = await page.evaluate(
    async (body) => {
      const headers = { 'content-type': 'application/json', 'parley-web-session': '1' };
      return (await fetch('/graphql', { method: 'POST', headers, body })).status;
    },
    JSON.stringify({
      query: 'mutation In($input: SignInInput!) { signIn(input: $input) { user { id } } }',
      variables: { input: { username, password } },
    }),
  );
  expect(status).toBe(200);
}

/** Tries every way that a page has to send something elsewhere; returns what came of it. */
function attack(page: Page, url: string): Promise<Record<string, string>> {
  return page.evaluate(async (server) => {
    const target = `${server}/graphql`;
    const query = 'mutation { createRoom(input: { name: "made by a foreign page" }) { room { id } } }';
    const json = JSON.stringify({ query });
    const outcome: Record<string, string> = {};
    const attempt = async (name: string, init: RequestInit, address = target) => {
      const common: RequestInit = { method: 'POST', credentials: 'include' };
      outcome[name] = await fetch(address, { ...common, ...init }).then(
        async (response) => `${response.type} ${response.status} ${await response.text()}`,
        () => 'failed',
      );
    };
    const form = new FormData();
    form.set('operations', json);
    form.set('map', '{}');
    await attempt('text/plain', { mode: 'no-cors', body: json, headers: { 'content-type': 'text/plain' } });
    await attempt('urlencoded', { mode: 'no-cors', body: new URLSearchParams({ query }) });
    await attempt('multipart', { mode: 'no-cors', body: form });
    await attempt('json without asking', { mode: 'no-cors', body: new Blob([json], { type: 'application/json' }) });
    await attempt('json', { body: json, headers: { 'content-type': 'application/json' } });
    await attempt('GET', { method: 'GET', mode: 'no-cors' }, `${target}?query=${encodeURIComponent(query)}`);
    outcome.beacon = String(navigator.sendBeacon(target, new Blob([json], { type: 'text/plain' })));
    const framed = (enctype: string, name: string, value: string) =>
      new Promise<void>((resolve) => {
        const frame = document.createElement('iframe');
        frame.name = `frame-${enctype}`;
        const page = document.createElement('form');
        Object.assign(page, { action: target, method: 'POST', enctype, target: frame.name });
        const input = document.createElement('input');
        Object.assign(input, { name, value });
        page.append(input);
        document.body.append(frame, page);
        frame.addEventListener('load', () => resolve());
        page.submit();
      });
    await framed('application/x-www-form-urlencoded', 'query', query);
    await framed('text/plain', '{"x":"', `","query":${JSON.stringify(query)}}`);
    outcome.socket = await new Promise((resolve) => {
      const socket = new WebSocket(target.replace('http', 'ws'), 'graphql-transport-ws');
      socket.onopen = () => resolve('open');
      socket.onclose = () => resolve('closed');
    });
    return outcome;
  }, url);
}

describe('S14, S15, S16: a page of another origin in a real browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  // A page at another port is of the same site, so that the browser sends the cookie along; one at another name is not.
  it.each(['127.0.0.1', 'localhost'])('has no effect from %s, for one who is signed in here', async (host) => {
    const server = await startServer();
    const user = await signUp(server);
    const port = await startForeignPage();
    const context = await browser.newContext();
    endAfterTest(() => context.close());
    const page = await context.newPage();
    await page.goto(`${server.url}/healthz`);
    await signIn(page, user.username, user.password);
    await page.goto(`http://${host}:${port}/`);
    const outcome = await attack(page, server.url);
    expect(outcome.socket).toBe('closed');
    expect(Object.values(outcome).filter((text) => /room|"data"/.test(text))).toEqual([]);
    expect(outcome.json).toBe('failed');
    const { data } = await post(server.url, '{ viewer { memberships { nodes { room { name } } } } }', { token: user.token });
    expect(at(data, 'viewer.memberships.nodes')).toEqual([{ room: { name: 'General' } }]);
  });
});
