import { createHash } from 'node:crypto';
import { getIntrospectionQuery } from 'graphql';
import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { openingTabs } from '../../src/transport/graphiql/operations.ts';
import { answerOf, at, connect, post, textAt } from '../support/graphql-client.ts';
import { createRoom, signUp, startServer } from '../support/server.ts';
import { waitFor } from '../support/wait-for.ts';

describe('the whole server over HTTP', () => {
  it('passes every audit of graphql-http that a server must or should pass', async () => {
    const { url } = await startServer();
    const audits = serverAudits({ url: `${url}/graphql` }).filter(({ name }) => !name.startsWith('MAY'));
    expect(audits.length).toBeGreaterThan(30);
    const failed: string[] = [];
    for (const audit of audits) {
      const result = await audit.fn();
      if (result.status !== 'ok') failed.push(`${audit.id} ${audit.name}: ${result.reason}`);
    }
    expect(failed).toEqual([]);
  });

  it('S11: of 1,000 aliased sign-ins none runs, of many in small documents only as many as the limit lets', async () => {
    const { url, lines } = await startServer({ PARLEY_RATE_SIGN_IN: '0.01/s:5' });
    const one = 'signIn(input: { username: "victim", password: "guess-%" }) { token }';
    const aliased = (count: number) =>
      `mutation { ${Array.from({ length: count }, (_, index) => `a${index}: ${one.replace('%', String(index))}`).join(' ')} }`;
    expect((await post(url, aliased(1000))).errors?.[0]?.extensions.code).toBe('TOO_LARGE');
    const codes: unknown[] = [];
    for (let request = 0; request < 8; request += 1) {
      const { errors = [] } = await post(url, aliased(10));
      codes.push(...errors.map(({ extensions }) => extensions.code));
    }
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(5);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(3);
    expect(lines.join('')).not.toMatch(/guess-|victim/);
  });

  it('S12: refuses hostile documents of its own schema', async () => {
    const server = await startServer();
    const { token } = await signUp(server);
    const code = async (query: string, variables = {}) =>
      (await post(server.url, query, { token, variables })).errors?.[0]?.extensions.code;
    const cycle = (turns: number) =>
      `{ rooms { nodes { ${'members(first: 5) { nodes { room { '.repeat(turns)} id ${'} } } '.repeat(turns)} } } }`;
    expect(await code(cycle(1))).toBeUndefined();
    expect(await code(cycle(4))).toBe('TOO_LARGE');
    const pages = (first: string) =>
      `query P${first === '$n' ? '($n: Int)' : ''} { rooms(first: ${first}) { nodes { messages(first: ${first}) { nodes { author { id } replyTo { author { id } } } } } } }`;
    expect(await code(pages('5'))).toBeUndefined();
    expect(await code(pages('100'))).toBe('TOO_LARGE');
    expect(await code(pages('$n'), { n: 1_000_000_000 })).toBe('TOO_LARGE');
    expect(await code('{ rooms(first: 1000000000) { nodes { id } } }')).toMatch(/TOO_LARGE|BAD_USER_INPUT/);
    expect(await code('{ rooms(first: 101) { nodes { id } } }')).toBe('BAD_USER_INPUT');
    expect(await code('{ rooms(first: -1) { nodes { id } } }')).toBe('BAD_USER_INPUT');
  });

  it('answers the standard introspection query with the contract', async () => {
    const { url } = await startServer();
    const { data, errors } = await post(url, getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true }));
    expect(errors).toBeUndefined();
    expect(at(data, '__schema.subscriptionType.name')).toBe('Subscription');
  });

  it('S13: without the explorer gives away neither schema nor names', async () => {
    const { url } = await startServer({ PARLEY_EXPLORER: 'off' });
    expect((await post(url, getIntrospectionQuery())).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect((await post(url, '{ viewr { user { id } } }')).text).not.toContain('viewer');
    expect(
      (
        await post(url, 'mutation M($k: RoomKind) { createRoom(input: { name: "x", kind: $k }) { room { id } } }', {
          variables: { k: 'PUBLI' },
        })
      ).text,
    ).not.toContain('Did you mean');
    expect((await fetch(`${url}/graphiql`)).status).toBe(404);
    expect((await post(url, '{ __typename }')).data).toEqual({ __typename: 'Query' });
  });

  it('S6, S28: writes no token, password or message text into the log or the metrics', async () => {
    const server = await startServer();
    const ann = await signUp(server, 'ann');
    const roomId = await createRoom(server, ann);
    const send = 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
    await post(server.url, send, { token: ann.token, variables: { input: { roomId, body: 'very private words' } } });
    await post(server.url, send, { token: ann.token, variables: { input: { roomId, body: 'x'.repeat(5000) } } });
    await post(server.url, '{ viewer { user { id } } }', { token: `${ann.token}x` });
    const signIn = 'mutation In($input: SignInInput!) { signIn(input: $input) { token } }';
    await post(server.url, signIn, { variables: { input: { username: ann.username, password: 'a-wrong-secret' } } });
    const client = await connect(server.url, ann.token);
    client.sendRaw('not json, very private words');
    await client.closed;
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    await server.close();
    const all = `${server.lines.join('')}${metrics}`;
    for (const secret of [
      ann.token,
      ann.token.slice(20),
      ann.password,
      'very private words',
      'xxxxx',
      'a-wrong-secret',
      ann.username,
    ]) {
      expect(all).not.toContain(secret);
    }
    for (const line of server.lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  it('S22: takes strange names in variables for what they are', async () => {
    const server = await startServer();
    const { token } = await signUp(server);
    const body = `{"query":"query Q($id: ID!) { room(id: $id) { id } }","variables":{"id":"__proto__","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}`;
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body,
    });
    expect((await answerOf(response)).data).toEqual({ room: null });
    for (const id of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect((await post(server.url, 'query Q($id: ID!) { node(id: $id) { id } }', { token, variables: { id } })).data).toEqual({
        node: null,
      });
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(at({}, 'polluted')).toBeUndefined();
  });
});

describe('what operators see', () => {
  const names = [
    'parley_connections',
    'parley_subscriptions',
    'parley_events_in_total',
    'parley_events_out_total',
    'parley_gaps_total',
    'parley_replays_total',
    'parley_resets_total',
    'parley_slow_readers_total',
    'parley_queue_bytes',
    'parley_operation_seconds',
    'parley_store_link',
    'parley_sockets_refused_total',
    'process_cpu_seconds_total',
    'nodejs_eventloop_lag_p99_seconds',
  ];

  it('is every metric by its name, counting what happens', async () => {
    const server = await startServer();
    const ann = await signUp(server, 'ann');
    const roomId = await createRoom(server, ann);
    const client = await connect(server.url, ann.token);
    client.send({
      type: 'subscribe',
      id: '1',
      payload: { query: 'subscription S($id: ID!) { roomEvents(roomId: $id) { __typename } }', variables: { id: roomId } },
    });
    await client.next();
    const read = async () => (await fetch(`${server.url}/metrics`)).text();
    const text = await read();
    for (const name of names) expect(text).toContain(`# HELP ${name} `);
    expect(text).toMatch(/^parley_connections 1$/m);
    expect(text).toMatch(/^parley_subscriptions 1$/m);
    expect(text).toMatch(/^parley_store_link 1$/m);
    expect(text).toMatch(/parley_operation_seconds_count\{kind="mutation",outcome="ok"\} 2/);
    const send = 'mutation Send($id: ID!) { sendMessage(input: { roomId: $id, body: "x" }) { message { id } } }';
    await post(server.url, send, { token: ann.token, variables: { id: roomId } });
    await waitFor(async () => /^parley_events_in_total [1-9]/m.test(await read()), { what: 'the event among the metrics' });
    await waitFor(async () => /^parley_events_out_total [1-9]/m.test(await read()), { what: 'the delivery among the metrics' });
  });

  it('is health and readiness', async () => {
    const { url } = await startServer();
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('alive\n');
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/../../etc/passwd`)).status).toBe(404);
    expect((await fetch(`${url}/%2e%2e/%2e%2e/etc/passwd`)).status).toBe(404);
    expect((await fetch(`${url}/__proto__`)).status).toBe(404);
  });
});

describe('pages', () => {
  it('GraphiQL comes compressed once, is not sent again, and may run only its own script', async () => {
    const { url } = await startServer();
    const first = await fetch(`${url}/graphiql`, { headers: { 'accept-encoding': 'br' } });
    expect(first.headers.get('content-encoding')).toBe('br');
    expect(Number(first.headers.get('content-length'))).toBeLessThan(3_000_000);
    const html = await first.text();
    const policy = first.headers.get('content-security-policy') ?? '';
    const script = html.slice(html.indexOf('<script>') + 8, html.lastIndexOf('</script>'));
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(policy).not.toMatch(/script-src[^;]*unsafe|unsafe-eval|https?:/);
    expect(html).not.toMatch(/(src|href)="https?:/);
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(`${url}/graphiql`, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect((await fetch(`${url}/graphiql`, { method: 'POST' })).status).toBe(405);
    const plain = await fetch(`${url}/graphiql`, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(html);
  });

  it('opens GraphiQL with operations that work', async () => {
    const server = await startServer({ PARLEY_DEMO: 'on' });
    const html = await (await fetch(`${server.url}/graphiql`)).text();
    const { data } = await post(
      server.url,
      'mutation { signIn(input: { username: "alice", password: "parley-demo" }) { token } }',
    );
    const token = textAt(data, 'signIn.token');
    const room = at((await post(server.url, '{ rooms { nodes { id } } }', { token })).data, 'rooms.nodes.0.id');
    expect(html).toContain(JSON.stringify(JSON.stringify({ roomId: room }, null, 2)));
    for (const { query, variables = '{}' } of openingTabs(String(room))) {
      if (/^subscription/m.test(query)) {
        const client = await connect(server.url, token);
        client.send({ type: 'subscribe', id: '1', payload: { query, variables: JSON.parse(variables) } });
        expect(await client.next()).toMatchObject({ payload: { data: { roomEvents: { __typename: 'CaughtUp' } } } });
      } else {
        expect((await post(server.url, query, { token, variables: JSON.parse(variables) })).errors).toBeUndefined();
      }
    }
  });

  it('the web page has a strict policy, its files are kept for good, and itself is asked for anew', async () => {
    const { url } = await startServer();
    const page = await fetch(`${url}/`);
    const html = await page.text();
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
    expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? [];
    const asset = await fetch(`${url}${script}`);
    expect(asset.headers.get('content-type')).toContain('text/javascript');
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect(asset.status).toBe(200);
  });
});
