import { randomBytes } from 'node:crypto';
import { createConnection } from 'node:net';
import { createClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { at, connect, execute, openSocket, subscribe, type TestSocket } from '../support/graphql-client.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { startTinyServer, type TinyServer } from '../support/tiny-server.ts';
import { waitFor } from '../support/wait-for.ts';

const INIT = { type: 'connection_init' };
const OPERATION = { query: '{ hello }' };

type Attack = readonly [what: string, code: number, act: (client: TestSocket, server: TinyServer) => void];

/** What is said right after the upgrade. */
const BEFORE_ACK: readonly Attack[] = [
  ['nothing at all', 4408, (_client, { clock }) => clock.advance(4000)],
  ['subscribe before the ack', 4401, (client) => client.send({ type: 'subscribe', id: '1', payload: OPERATION })],
  ['an init payload that is no object', 4400, (client) => client.send({ ...INIT, payload: 'token' })],
  [
    'an init with a token that does not hold',
    4401,
    (client) => client.send({ ...INIT, payload: { authorization: 'Bearer no' } }),
  ],
  ['an init with half a token', 4401, (client) => client.send({ ...INIT, payload: { authorization: 'alice' } })],
  ['an ack of its own', 4400, (client) => client.send({ type: 'connection_ack' })],
];

/** What is said on a connection that stands. */
const AFTER_ACK: readonly Attack[] = [
  ['a second init', 4429, (client) => client.send(INIT)],
  ['text that is no JSON', 4400, (client) => client.sendRaw('hello')],
  ['an empty message', 4400, (client) => client.sendRaw('')],
  ['JSON that is no object', 4400, (client) => client.sendRaw('[]')],
  ['null', 4400, (client) => client.sendRaw('null')],
  ['no type', 4400, (client) => client.send({ id: '1' })],
  ['a type that is no text', 4400, (client) => client.send({ type: { toString: 'subscribe' } })],
  ['an unknown type', 4400, (client) => client.send({ type: 'start', id: '1', payload: OPERATION })],
  ['the type __proto__', 4400, (client) => client.send({ type: '__proto__' })],
  ['subscribe without an id', 4400, (client) => client.send({ type: 'subscribe', payload: OPERATION })],
  ['subscribe with an empty id', 4400, (client) => client.send({ type: 'subscribe', id: '', payload: OPERATION })],
  ['an id that is a number', 4400, (client) => client.send({ type: 'subscribe', id: 1, payload: OPERATION })],
  ['subscribe without a query', 4400, (client) => client.send({ type: 'subscribe', id: '1', payload: {} })],
  ['a query that is no text', 4400, (client) => client.send({ type: 'subscribe', id: '1', payload: { query: {} } })],
  [
    'variables that are a list',
    4400,
    (client) => client.send({ type: 'subscribe', id: '1', payload: { ...OPERATION, variables: [] } }),
  ],
  [
    'an operation name that is a number',
    4400,
    (client) => client.send({ type: 'subscribe', id: '1', payload: { ...OPERATION, operationName: 1 } }),
  ],
  ['a batch of operations', 4400, (client) => client.send([{ type: 'subscribe', id: '1', payload: OPERATION }])],
  [
    'an id that is in use',
    4409,
    (client) => {
      subscribe(client, 'same', 'subscription { open }');
      subscribe(client, 'same', 'subscription { open }');
    },
  ],
  [
    'the id __proto__ twice',
    4409,
    (client) => {
      subscribe(client, '__proto__', 'subscription { open }');
      subscribe(client, '__proto__', 'subscription { open }');
    },
  ],
  ['a binary message', 4400, (client) => client.sendRaw(Buffer.from(JSON.stringify(INIT)))],
  ['a message of the server', 4400, (client) => client.send({ type: 'next', id: '1', payload: {} })],
  [
    'a frame larger than allowed',
    1009,
    (client) => client.sendRaw(JSON.stringify({ type: 'ping', payload: { pad: 'x'.repeat(70_000) } })),
  ],
  ['text that is not UTF-8', 1007, (client) => client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false })],
  [
    'a message in 100 pieces',
    1008,
    (client) => {
      for (let piece = 0; piece < 100; piece += 1) client.socket.send('x', { fin: false });
    },
  ],
];

describe('S7, S8: hostile messages', () => {
  it.each(BEFORE_ACK)('%s closes with %i before the ack', async (_what, code, act) => {
    const server = await startTinyServer();
    const attacker = await openSocket(server.url);
    act(attacker, server);
    expect((await attacker.closed).code).toBe(code);
  });

  it('each closes its own socket with its own code, and a healthy one beside never notices', async () => {
    const server = await startTinyServer();
    const healthy = await connect(server.url, 'alice-token');
    subscribe(healthy, 'events', 'subscription { events }');
    const source = await waitFor(() => server.sources[0], { what: 'the subscription' });
    const codes: Record<string, number> = {};
    for (const [what, , act] of AFTER_ACK) {
      const attacker = await connect(server.url);
      act(attacker, server);
      codes[what] = (await attacker.closed).code;
      source.push(what);
      expect(await healthy.next()).toEqual({ type: 'next', id: 'events', payload: { data: { events: what } } });
    }
    expect(codes).toEqual(Object.fromEntries(AFTER_ACK.map(([what, code]) => [what, code])));
    expect(Object.keys(Object.prototype)).toEqual([]);
    await waitFor(() => server.sources.slice(1).every(({ ended }) => ended), { what: 'the end of what the others had started' });
    expect(server.held).toEqual({ watches: 1, present: 1 });
    expect(server.lines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });

  it('speaks no other subprotocol', async () => {
    const { url } = await startTinyServer();
    expect((await (await openSocket(url, { protocol: 'graphql-ws' })).closed).code).toBe(4406);
    const both = await openSocket(url, { protocol: ['graphql-ws', 'graphql-transport-ws'] });
    expect(both.socket.protocol).toBe('graphql-transport-ws');
  });

  it('does not compress, so that nothing small becomes large', async () => {
    const { url } = await startTinyServer();
    const client = await connect(url, undefined, { client: { perMessageDeflate: true } });
    expect(client.socket.extensions).toBe('');
  });

  it('S32: lets go of a handshake that stays half', async () => {
    const { url } = await startTinyServer({ headersTimeoutMs: 300, requestTimeoutMs: 300 });
    const { port } = new URL(url);
    const socket = createConnection(Number(port), '127.0.0.1');
    endAfterTest(() => socket.destroy());
    socket.on('error', () => {});
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n`,
    );
    await new Promise((resolve) => socket.once('close', resolve).resume());
  });

  it('S8: refuses headers without end', async () => {
    const { url } = await startTinyServer();
    await expect(openSocket(url, { headers: { 'x-pad': 'x'.repeat(100_000) } })).rejects.toThrow(/431|reset|EPIPE|hang up/);
  });
});

describe('operations over a socket', () => {
  it('are answered like over HTTP', async () => {
    const { url } = await startTinyServer();
    const client = await connect(url, 'alice-token');
    expect(await execute(client, '1', '{ whoami }')).toEqual({ id: '1', type: 'next', payload: { data: { whoami: 'alice' } } });
    const refused = await execute(client, '2', '{ refused }');
    expect(at(refused, 'payload.errors.0.extensions')).toEqual({ code: 'RATE_LIMITED', retryAfterMs: 10 });
    const broken = await execute(client, '3', '{ broken }');
    expect(at(broken, 'payload.errors.0.extensions.code')).toBe('INTERNAL_SERVER_ERROR');
    expect(JSON.stringify(broken)).not.toMatch(/secret|somebody/);
    const invalid = await execute(client, '4', '{ nothing }');
    expect(invalid.type).toBe('error');
    expect(at(invalid, 'payload.0.extensions')).toEqual({ code: 'BAD_USER_INPUT', field: 'query' });
    const variables = await execute(client, '5', 'query Q($t: String!) { echo(text: $t) }', { t: 1 });
    expect(at(variables, 'payload.errors.0.extensions')).toEqual({ code: 'BAD_USER_INPUT', field: 'variables' });
  });

  it('may be called __proto__, constructor or toString', async () => {
    const server = await startTinyServer();
    const client = await connect(server.url, 'alice-token');
    for (const id of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(await execute(client, id, '{ hello }')).toMatchObject({ id, type: 'next' });
    }
    subscribe(client, '__proto__', 'subscription { events }');
    const source = await waitFor(() => server.sources[0], { what: 'the subscription' });
    source.push('x');
    expect(await client.next()).toMatchObject({ id: '__proto__', payload: { data: { events: 'x' } } });
    client.send({ type: 'complete', id: '__proto__' });
    await waitFor(() => source.ended, { what: 'the end' });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('S9: are bounded in number; the one too many is refused and the socket stays', async () => {
    const server = await startTinyServer({ subscriptionsPerSocket: 3, operationsPerSocket: 2 });
    const client = await connect(server.url, 'alice-token');
    for (const id of ['s1', 's2', 's3', 's4']) subscribe(client, id, 'subscription { open }');
    const tooMany = await client.next();
    expect([tooMany.id, tooMany.type, at(tooMany, 'payload.0.extensions.code')]).toEqual(['s4', 'error', 'TOO_LARGE']);
    for (const id of ['q1', 'q2', 'q3']) subscribe(client, id, '{ slow }');
    const busy = await client.next();
    expect([busy.id, busy.type, at(busy, 'payload.0.extensions.code')]).toEqual(['q3', 'error', 'RATE_LIMITED']);
    server.slow.release();
    for (let message = 0; message < 4; message += 1) expect((await client.next()).id).toMatch(/q[12]/);
    expect(await execute(client, 'q4', '{ hello }')).toMatchObject({ type: 'next' });
    client.send({ type: 'complete', id: 's1' });
    await waitFor(() => server.sources[0]?.ended, { what: 'the end' });
    subscribe(client, 's5', 'subscription { open }');
    await waitFor(() => server.sources.length === 4, { what: 'the place that became free' });
  });

  it('P12: leave nothing behind when a client uses an id again too early', async () => {
    const server = await startTinyServer();
    const client = await connect(server.url, 'alice-token');
    subscribe(client, 'id', '{ slow }');
    await waitFor(() => server.slow.waiting === 1, { what: 'the first' });
    client.send({ type: 'complete', id: 'id' });
    subscribe(client, 'id', 'subscription { events }');
    await waitFor(() => server.sources.length === 1, { what: 'the second' });
    server.slow.release();
    await execute(client, 'other', '{ hello }').catch(() => {});
    client.socket.terminate();
    await waitFor(() => server.sources[0]?.ended, { what: 'the end of the second' });
  });

  it('end with the socket, however it goes', async () => {
    const server = await startTinyServer();
    for (const end of [(client: TestSocket) => client.socket.terminate(), (client: TestSocket) => client.socket.close(1000)]) {
      const client = await connect(server.url, 'alice-token');
      subscribe(client, '1', 'subscription { events }');
      subscribe(client, '2', 'subscription { open }');
      await waitFor(() => server.sources.length % 2 === 0 && server.sources.some(({ ended }) => !ended), { what: 'both' });
      end(client);
      await waitFor(() => server.sources.every(({ ended }) => ended), { what: 'the end of both' });
      await waitFor(() => server.held.present === 0 && server.held.watches === 0, { what: 'the end of the session' });
    }
  });

  it('of a source that fails end with one last result, and the socket stays', async () => {
    const server = await startTinyServer();
    const client = await connect(server.url, 'alice-token');
    subscribe(client, '1', 'subscription { events }');
    const source = await waitFor(() => server.sources[0], { what: 'the subscription' });
    source.push('a');
    source.fail(Object.assign(new Error('kicked')));
    expect(at(await client.next(), 'payload.data.events')).toBe('a');
    const last = await client.next();
    expect([last.type, at(last, 'payload.errors.0.extensions.code')]).toEqual(['next', 'INTERNAL_SERVER_ERROR']);
    expect(await client.next()).toEqual({ id: '1', type: 'complete' });
    expect(await execute(client, '2', '{ hello }')).toMatchObject({ type: 'next' });
  });

  it('are refused to the signed out by the schema, not by the socket', async () => {
    const { url } = await startTinyServer();
    const client = await connect(url);
    const refused = await execute(client, '1', 'subscription { events }');
    expect(at(refused, 'payload.errors.0.extensions.code')).toBe('UNAUTHENTICATED');
    expect(await execute(client, '2', 'mutation { signIn }')).toMatchObject({ payload: { data: { signIn: 'alice-token' } } });
  });

  it('work with the reference client', async () => {
    const server = await startTinyServer();
    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: 'alice-token' },
    });
    endAfterTest(() => client.dispose());
    const results = client.iterate({ query: 'subscription { events }' });
    const first = results.next();
    const source = await waitFor(() => server.sources[0], { what: 'the subscription' });
    source.push(1);
    expect(await first).toEqual({ done: false, value: { data: { events: '1' } } });
    source.finish();
    expect(await results.next()).toMatchObject({ done: true });
  });
});
