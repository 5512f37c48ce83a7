import { describe, expect, it } from 'vitest';
import { type Answer, answerOf, post } from '../support/graphql-client.ts';
import { startTinyServer } from '../support/tiny-server.ts';

const cookie = 'parley=alice-token';

/** Origins that are not ours, though some look like it. */
const FOREIGN = [
  'https://evil.example',
  'null',
  'https://friend.example.evil.example',
  'https://evilfriend.example',
  'https://sub.friend.example',
  'http://friend.example',
  'https://friend.example:8443',
  'https://FRIEND.example',
  'https://friend.example/',
  'file://',
  'chrome-extension://abcdefgh',
  'http://127.0.0.1',
];

const preflight = (url: string, origin: string): Promise<Response> =>
  fetch(`${url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,authorization',
    },
  });

const corsOf = ({ headers }: { readonly headers: Headers }) => [
  headers.get('access-control-allow-origin'),
  headers.get('access-control-allow-credentials'),
];

describe('S15: origins', () => {
  it('lets pages of the listed origin and its own read answers, by exact name', async () => {
    const { url } = await startTinyServer();
    for (const origin of ['https://friend.example', url]) {
      const asked = await preflight(url, origin);
      expect(asked.status).toBe(204);
      expect(asked.headers.get('access-control-allow-methods')).toBe('POST');
      for (const answer of [asked, await post(url, '{ hello }', { headers: { origin } })]) {
        expect(corsOf(answer)).toEqual([origin, 'true']);
        expect(answer.headers.get('vary')).toContain('origin');
      }
    }
  });

  it.each(FOREIGN)('gives nothing to %s', async (origin) => {
    const { url } = await startTinyServer();
    const asked = await preflight(url, origin);
    expect(asked.status).toBe(403);
    expect(corsOf(asked)).toEqual([null, null]);
    expect(corsOf(await post(url, '{ hello }', { headers: { origin } }))).toEqual([null, null]);
    for (const path of ['/', '/graphiql', '/healthz', '/metrics', '/nothing']) {
      expect(corsOf(await fetch(`${url}${path}`, { headers: { origin } }))).toEqual([null, null]);
    }
  });
});

describe('S14: the web session', () => {
  it('counts only where a page of ours sends it', async () => {
    const { url } = await startTinyServer();
    const whoami = (headers: Record<string, string>) => post(url, '{ whoami }', { headers: { cookie, ...headers } });
    expect((await whoami({ origin: url })).data).toEqual({ whoami: 'alice' });
    expect((await whoami({ origin: 'https://friend.example' })).data).toEqual({ whoami: 'alice' });
    expect((await whoami({ 'sec-fetch-site': 'same-origin' })).data).toEqual({ whoami: 'alice' });
    expect((await whoami({})).data).toEqual({ whoami: null });
    expect((await whoami({ 'sec-fetch-site': 'cross-site' })).data).toEqual({ whoami: null });
  });

  it.each(FOREIGN)('is refused to %s before anything runs', async (origin) => {
    const { url } = await startTinyServer();
    const answer = await post(url, 'mutation { signOut }', { headers: { cookie, origin } });
    expect(answer.status).toBe(403);
    expect(answer.data).toBeUndefined();
    expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('that has ended means signed out, not an error', async () => {
    const { url } = await startTinyServer();
    const answer = await post(url, '{ whoami }', { headers: { cookie: 'parley=gone', origin: url } });
    expect([answer.status, answer.data]).toEqual([200, { whoami: null }]);
  });

  it('gives way to a token', async () => {
    const { url } = await startTinyServer();
    const answer = await post(url, '{ whoami }', { headers: { cookie, origin: url }, token: 'bob-token' });
    expect(answer.data).toEqual({ whoami: 'bob' });
  });

  it('counts behind a proxy that has a password of its own', async () => {
    const { url } = await startTinyServer();
    const headers = { cookie, origin: url, authorization: `Basic ${btoa('proxy:password')}` };
    expect((await post(url, '{ whoami }', { headers })).data).toEqual({ whoami: 'alice' });
  });

  const cookieOf = (answer: Answer) => answer.headers.getSetCookie();
  const wanting = { 'parley-web-session': '1' };

  it('opens with a sign-in that asks for it, from a page of ours only', async () => {
    const { url } = await startTinyServer();
    const signIn = (headers: Record<string, string>) => post(url, 'mutation { signIn }', { headers });
    expect(cookieOf(await signIn({ ...wanting, origin: url }))).toEqual([
      `parley=alice-token; Path=/; HttpOnly; SameSite=Strict; Expires=${new Date(1_900_000_000_000).toUTCString()}`,
    ]);
    expect(cookieOf(await signIn({ origin: url }))).toEqual([]);
    expect(cookieOf(await signIn({ cookie, origin: url }))).toEqual([]);
    expect(cookieOf(await signIn({ ...wanting }))).toEqual([]);
    expect(cookieOf(await signIn({ ...wanting, origin: 'https://evil.example' }))).toEqual([]);
  });

  it('ends with a sign-out', async () => {
    const { url } = await startTinyServer();
    const answer = await post(url, 'mutation { signOut }', { headers: { cookie, origin: url } });
    expect(cookieOf(answer)).toEqual(['parley=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0']);
  });

  it('S21: is a __Host- cookie behind a trusted proxy that speaks https, and no other counts there', async () => {
    const { url } = await startTinyServer({ proxies: 1 });
    const own = url.replace('http:', 'https:');
    const headers = { origin: own, 'x-forwarded-proto': 'https' };
    const signedIn = await post(url, 'mutation { signIn }', { headers: { ...headers, ...wanting } });
    expect(cookieOf(signedIn)[0]).toMatch(
      /^__Host-parley=alice-token; Path=\/; HttpOnly; SameSite=Strict; Expires=[^;]+; Secure$/,
    );
    const whoami = (given: string) => post(url, '{ whoami }', { headers: { ...headers, cookie: given } });
    expect((await whoami('__Host-parley=alice-token')).data).toEqual({ whoami: 'alice' });
    expect((await whoami(cookie)).data).toEqual({ whoami: null });
  });

  it('does not believe X-Forwarded headers of just anybody', async () => {
    const { url } = await startTinyServer();
    const headers = { origin: url, 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9', ...wanting };
    expect(cookieOf(await post(url, 'mutation { signIn }', { headers }))[0]).toMatch(/^parley=/);
    expect((await post(url, '{ address }', { headers })).data).toEqual({ address: '127.0.0.1' });
  });
});

describe('the address that limits count by', () => {
  it.each([
    [1, '203.0.113.9', '203.0.113.9'],
    [1, '10.0.0.1, 203.0.113.9', '203.0.113.9'],
    [2, '203.0.113.9, 198.51.100.1', '203.0.113.9'],
    [2, '6.6.6.6, 203.0.113.9, 198.51.100.1', '203.0.113.9'],
    [1, 'nonsense', '127.0.0.1'],
    [1, '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ])('behind %i trusted proxies that report %s is %s', async (proxies, reported, address) => {
    const { url } = await startTinyServer({ proxies });
    const answer = await post(url, '{ address }', { headers: { 'x-forwarded-for': reported } });
    expect(answer.data).toEqual({ address });
  });

  it('is the peer where the proxy reports nothing', async () => {
    const { url } = await startTinyServer({ proxies: 1 });
    const answer = await answerOf(
      await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ address }"}',
      }),
    );
    expect(answer.data).toEqual({ address: '127.0.0.1' });
  });
});
