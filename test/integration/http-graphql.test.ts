import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { answerOf, post, textAt } from '../support/graphql-client.ts';
import { startTinyServer } from '../support/tiny-server.ts';

const HELLO = JSON.stringify({ query: '{ hello }' });
const JSON_TYPE = { 'content-type': 'application/json' };

describe('GraphQL over HTTP', () => {
  it('answers a query sent as JSON', async () => {
    const { url } = await startTinyServer();
    const answer = await post(url, 'query Q($text: String!) { echo(text: $text) }', { variables: { text: 'Grüße 🎈' } });
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ echo: 'Grüße 🎈' });
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('S14: takes only JSON by POST, whatever the origin', async () => {
    const { url } = await startTinyServer();
    const form = new FormData();
    form.set('operations', HELLO);
    const kinds: Record<string, RequestInit> = {
      urlencoded: { method: 'POST', body: new URLSearchParams({ query: '{ hello }' }) },
      multipart: { method: 'POST', body: form },
      'text/plain': { method: 'POST', body: HELLO, headers: { 'content-type': 'text/plain' } },
      'application/graphql': { method: 'POST', body: '{ hello }', headers: { 'content-type': 'application/graphql' } },
      'no content type': { method: 'POST', body: new Uint8Array(Buffer.from(HELLO)) },
      'GET mutation': { method: 'GET' },
      'GET query': { method: 'GET' },
    };
    const statuses: Record<string, (number | string | null)[]> = {};
    for (const [kind, init] of Object.entries(kinds)) {
      for (const origin of [null, url, 'https://evil.example']) {
        const query = kind === 'GET mutation' ? 'mutation { signIn }' : '{ hello }';
        const target = init.method === 'GET' ? `${url}/graphql?query=${encodeURIComponent(query)}` : `${url}/graphql`;
        const response = await fetch(target, { ...init, headers: { ...init.headers, ...(origin !== null && { origin }) } });
        const answer = await answerOf(response);
        expect(answer.data).toBeUndefined();
        expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
        statuses[kind] = [...(statuses[kind] ?? []), answer.status];
        if (answer.status === 405) expect(answer.headers.get('allow')).toBe('POST');
      }
    }
    expect(statuses).toEqual({
      urlencoded: [415, 415, 415],
      multipart: [415, 415, 415],
      'text/plain': [415, 415, 415],
      'application/graphql': [415, 415, 415],
      'no content type': [415, 415, 415],
      'GET mutation': [405, 405, 405],
      'GET query': [405, 405, 405],
    });
  });

  it('S11: refuses arrays of operations', async () => {
    const { url } = await startTinyServer();
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers: JSON_TYPE, body: `[${HELLO},${HELLO}]` });
    const answer = await answerOf(response);
    expect(answer.status).toBe(400);
    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it.each([
    ['not JSON', '{"query": '],
    ['no object', '"query"'],
    ['null', 'null'],
    ['no query', '{}'],
    ['an unknown parameter', '{"query": "{ hello }", "other": 1}'],
    ['broken UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
  ])('S13: says of %s only that it is bad input', async (_what, body) => {
    const { url } = await startTinyServer();
    const answer = await answerOf(await fetch(`${url}/graphql`, { method: 'POST', headers: JSON_TYPE, body }));
    expect(answer.status).toBe(400);
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(Object.keys(answer.errors?.[0]?.extensions ?? {}).sort()).toEqual(expect.arrayContaining(['code']));
    expect(answer.text).not.toMatch(/originalError|SyntaxError|position|stack/);
  });

  it('S12: refuses a larger body than allowed, told or not, and goes on serving', async () => {
    const { url } = await startTinyServer({ bodyBytes: 10_000 });
    const big = JSON.stringify({ query: '{ hello }', variables: { pad: 'x'.repeat(20_000) } });
    const told = await answerOf(await fetch(`${url}/graphql`, { method: 'POST', headers: JSON_TYPE, body: big }));
    const chunks = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < big.length; at += 1000) controller.enqueue(Buffer.from(big.slice(at, at + 1000)));
        controller.close();
      },
    });
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers: JSON_TYPE, body: chunks, duplex: 'half' };
    const untold = await answerOf(await fetch(`${url}/graphql`, init));
    for (const answer of [told, untold]) {
      expect(answer.status).toBe(413);
      expect(answer.errors?.[0]?.extensions.code).toBe('TOO_LARGE');
    }
    expect((await post(url, '{ hello }')).data).toEqual({ hello: 'world' });
  });

  it('shows errors that are meant for the client and masks all others', async () => {
    const server = await startTinyServer();
    const refused = await post(server.url, '{ refused }');
    expect(refused.status).toBe(200);
    expect(refused.errors?.[0]).toMatchObject({
      message: 'Slow down.',
      path: ['refused'],
      extensions: { code: 'RATE_LIMITED', retryAfterMs: 10 },
    });
    const broken = await post(server.url, '{ broken }');
    expect(broken.errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
    expect(broken.text).not.toMatch(/secret|somebody|redis:/);
    const id = textAt(broken.errors, '0.extensions.id');
    expect(server.lines.filter((line) => line.includes(id))).toHaveLength(1);
  });

  it('calls bad variables bad input', async () => {
    const { url } = await startTinyServer();
    const answer = await post(url, 'query Q($text: String!) { echo(text: $text) }', { variables: { text: 5 } });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'variables' });
  });

  it('S13: without the explorer there is no introspection, no GraphiQL, and errors suggest nothing', async () => {
    const { url } = await startTinyServer({
      document: {
        depth: 10,
        aliases: 15,
        directives: 10,
        tokens: 1000,
        cost: 5000,
        cached: 10,
        explorer: false,
        reading: { burstMs: 1000, perSecondMs: 100 },
      },
    });
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "Query") { name } }']) {
      expect((await post(url, query)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
    expect((await fetch(`${url}/graphiql`)).status).toBe(404);
    const typo = await post(url, '{ helo }');
    expect(typo.errors?.[0]?.message).toContain('helo');
    expect(typo.text).not.toContain('Did you mean');
    expect((await post(url, 'query Q($a: Strin) { echo(text: $a) }')).text).not.toContain('Did you mean');
  });

  it('answers 401 to a token that does not hold, and never in part', async () => {
    const { url } = await startTinyServer();
    for (const token of ['nonsense', 'alice-token2', 'user-alice.', '']) {
      const answer = await post(url, '{ hello whoami }', { token });
      expect(answer.status).toBe(401);
      expect(answer.data).toBeUndefined();
      expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    }
    expect((await post(url, '{ whoami }', { token: 'alice-token' })).data).toEqual({ whoami: 'alice' });
    expect((await post(url, '{ whoami }')).data).toEqual({ whoami: null });
  });

  it('S6: never looks for a token in the URL, and never logs one', async () => {
    const server = await startTinyServer();
    const response = await fetch(`${server.url}/graphql?token=alice-token&authorization=Bearer%20alice-token`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: '{"query":"{ whoami }"}',
    });
    expect((await answerOf(response)).data).toEqual({ whoami: null });
    await post(server.url, '{ broken whoami }', { token: 'alice-token' });
    await post(server.url, '{ whoami }', { token: 'a-token-that-is-wrong' });
    expect(server.lines.join('')).not.toMatch(/alice-token|a-token-that-is-wrong/);
    expect(await server.metrics()).not.toMatch(/alice/);
  });

  it('answers 503 where nobody can tell who it is', async () => {
    const server = await startTinyServer();
    server.beforeAuthenticate = async () => {
      throw Object.assign(new Error('gone'), { code: 'UNAVAILABLE' });
    };
    const answer = await post(server.url, '{ hello }', { token: 'alice-token' });
    expect(answer.status).toBe(503);
    expect(answer.errors?.[0]?.extensions.code).toBe('UNAVAILABLE');
  });
});

// What the suite accepts, so that the answers of the second server are those that go past Yoga.
const ACCEPTED = [
  '*/*',
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json; charset=utf-8',
];

async function startKnowingServer(): Promise<string> {
  const { url } = await startTinyServer();
  for (const accept of ACCEPTED) expect((await post(url, '{ hello }', { headers: { accept } })).status).toBe(200);
  return url;
}

describe.each([
  ['of a server just started', async () => (await startTinyServer()).url],
  ['of one that has answered before', startKnowingServer],
])('the audit suite of graphql-http, %s', async (_server, start) => {
  // Asked for by the suite when an audit runs; the server lives as long as that test.
  const audits = serverAudits({ url: async () => `${await start()}/graphql` });
  // Optional for servers, and refused here on purpose: operations by GET.
  const declined = ['5A70', 'D6D5', '6A70'];

  it.each(audits.filter(({ id }) => !declined.includes(id)).map((audit) => [`${audit.id} ${audit.name}`, audit] as const))(
    '%s',
    async (_name, audit) => {
      const result = await audit.fn();
      expect(result, 'reason' in result ? result.reason : '').toMatchObject({ status: 'ok' });
    },
  );

  it('declines nothing that a server must or should do', () => {
    const names = audits.filter(({ id }) => declined.includes(id)).map(({ name }) => name);
    expect(names).toHaveLength(declined.length);
    expect(names.filter((name) => !name.startsWith('MAY'))).toEqual([]);
  });
});
