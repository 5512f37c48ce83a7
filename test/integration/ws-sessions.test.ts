import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { at, connect, execute, openSocket, post, subscribe } from '../support/graphql-client.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { sessionOf, startTinyServer } from '../support/tiny-server.ts';
import { waitFor } from '../support/wait-for.ts';

const INIT = { type: 'connection_init' };
const cookie = 'parley=alice-token';

describe('S5, P7: sessions on sockets', () => {
  it('that are revoked close all their sockets with 4401, and no event comes after', async () => {
    const server = await startTinyServer();
    const sockets = await Promise.all([1, 2, 3].map(() => connect(server.url, 'alice-token')));
    const bob = await connect(server.url, 'bob-token');
    for (const socket of [...sockets, bob]) subscribe(socket, '1', 'subscription { events }');
    await waitFor(() => server.sources.length === 4, { what: 'the subscriptions' });
    server.revoke('alice-token');
    for (const source of server.sources) source.push('after');
    for (const socket of sockets) {
      expect(await socket.closed).toEqual({ code: 4401, reason: 'Session ended' });
      expect(socket.waiting).toEqual([]);
    }
    expect(at(await bob.next(), 'payload.data.events')).toBe('after');
    await waitFor(() => server.sources.filter(({ ended }) => ended).length === 3, { what: 'the end of the subscriptions' });
    expect(server.held).toEqual({ watches: 1, present: 1 });
  });

  it('that are revoked while the socket signs in let nobody in', async () => {
    const server = await startTinyServer();
    let calls = 0;
    server.beforeAuthenticate = async () => {
      calls += 1;
      // After the first answer and the watch, before the second: the narrowest gap there is.
      if (calls === 2) server.revoke('alice-token');
    };
    const client = await openSocket(server.url);
    client.send({ ...INIT, payload: { authorization: 'Bearer alice-token' } });
    expect((await client.closed).code).toBe(4401);
    expect(calls).toBe(2);
    await waitFor(() => server.held.watches === 0 && server.held.present === 0, { what: 'nothing held' });
  });

  it('that end without anybody being told are found out by the second look', async () => {
    const server = await startTinyServer();
    let calls = 0;
    server.beforeAuthenticate = async () => {
      calls += 1;
      if (calls === 2) server.sessions.delete('alice-token');
    };
    const client = await openSocket(server.url);
    client.send({ ...INIT, payload: { authorization: 'alice-token' } });
    expect((await client.closed).code).toBe(4401);
    await waitFor(() => server.held.watches === 0, { what: 'nothing held' });
  });

  it('are looked at once where the user has the same version before and after the watch began, and again where not', async () => {
    const server = await startTinyServer();
    let calls = 0;
    server.beforeAuthenticate = async () => {
      calls += 1;
    };
    server.versionAtWatch = sessionOf('alice').version;
    await connect(server.url, 'alice-token');
    expect(calls).toBe(1);
    server.versionAtWatch += 1;
    await connect(server.url, 'alice-token');
    expect(calls).toBe(3);
    server.beforeAuthenticate = async () => {
      calls += 1;
      // Revoked before the watch began: nobody is told, but the version has risen.
      if (calls === 5) server.sessions.delete('alice-token');
    };
    const late = await openSocket(server.url);
    late.send({ ...INIT, payload: { authorization: 'alice-token' } });
    expect((await late.closed).code).toBe(4401);
    expect(calls).toBe(5);
  });

  it('that expire close their sockets with 4403, in time and not before, however long they last', async () => {
    const server = await startTinyServer();
    const days = 40 * 86_400_000;
    server.sessions.set('short', sessionOf('short', 5000));
    server.sessions.set('long', sessionOf('long', days));
    const [short, long] = [await connect(server.url, 'short'), await connect(server.url, 'long')];
    server.clock.advance(4000);
    expect(await execute(short, '1', '{ whoami }')).toMatchObject({ payload: { data: { whoami: 'short' } } });
    server.clock.advance(2000);
    expect(await short.closed).toEqual({ code: 4403, reason: 'Session expired' });
    expect(await execute(long, '1', '{ whoami }')).toMatchObject({ payload: { data: { whoami: 'long' } } });
  });

  it('S6: that do not hold never get in, whatever they look like', async () => {
    const { url } = await startTinyServer();
    for (const authorization of [
      'no',
      'Bearer no',
      'Bearer',
      'alice-token ',
      'Basic alice-token',
      '__proto__',
      'x'.repeat(10_000),
    ]) {
      const client = await openSocket(url);
      client.send({ ...INIT, payload: { authorization } });
      const outcome = await Promise.race([client.closed, client.next().catch(() => client.closed)]);
      if (authorization === 'alice-token ') expect(outcome).toEqual({ type: 'connection_ack' });
      else expect(outcome).toMatchObject({ code: 4401 });
    }
    const inUrl = await openSocket(url, { headers: {} });
    inUrl.send(INIT);
    await inUrl.next();
    expect(at(await execute(inUrl, '1', '{ whoami }'), 'payload.data')).toEqual({ whoami: null });
  });

  it('of which nobody can tell whether they hold close with 1013, on which clients come back', async () => {
    const server = await startTinyServer();
    server.beforeAuthenticate = async () => {
      throw Object.assign(new Error('gone'), { code: 'UNAVAILABLE' });
    };
    const client = await openSocket(server.url);
    client.send({ ...INIT, payload: { authorization: 'alice-token' } });
    expect((await client.closed).code).toBe(1013);
    await waitFor(() => server.held.watches === 0, { what: 'nothing held' });
  });

  it('leave nothing behind where the socket goes while it signs in', async () => {
    const server = await startTinyServer();
    let go: (() => void) | null = null;
    server.beforeAuthenticate = () =>
      new Promise((resolve) => {
        go = resolve;
      });
    const client = await openSocket(server.url);
    client.send({ ...INIT, payload: { authorization: 'alice-token' } });
    const letGo = await waitFor<(() => void) | null>(() => go, { what: 'the first look' });
    client.socket.terminate();
    await client.closed;
    server.beforeAuthenticate = null;
    letGo();
    await waitFor(async () => /parley_connections 0/.test(await server.metrics()), { what: 'the end of the socket' });
    await waitFor(() => server.held.watches === 0 && server.held.present === 0, { what: 'nothing held' });
  });
});

describe('S16: the web session on sockets', () => {
  const whoami = async (url: string, headers: Record<string, string>) => {
    const client = await openSocket(url, { headers });
    client.send(INIT);
    await client.next();
    return at(await execute(client, '1', '{ whoami }'), 'payload.data.whoami');
  };

  it('counts for pages of ours and of the listed origin', async () => {
    const { url } = await startTinyServer();
    expect(await whoami(url, { cookie, origin: url })).toBe('alice');
    expect(await whoami(url, { cookie, origin: 'https://friend.example' })).toBe('alice');
  });

  it('does not count without an origin: there the token has to be said', async () => {
    const { url } = await startTinyServer();
    expect(await whoami(url, { cookie })).toBeNull();
    const client = await connect(url, 'bob-token', { headers: { cookie } });
    expect(at(await execute(client, '1', '{ whoami }'), 'payload.data.whoami')).toBe('bob');
  });

  it('that has ended closes the socket of its page with 4401', async () => {
    const { url } = await startTinyServer();
    const client = await openSocket(url, { headers: { cookie: 'parley=gone', origin: url } });
    client.send(INIT);
    expect((await client.closed).code).toBe(4401);
  });

  it.each([
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
  ])('is out of reach for %s: 403 before the upgrade, cookie or token or none', async (origin) => {
    const { url } = await startTinyServer();
    await expect(openSocket(url, { headers: { cookie, origin } })).rejects.toThrow('refused with 403');
    await expect(openSocket(url, { headers: { origin } })).rejects.toThrow('refused with 403');
  });

  it('has no other door', async () => {
    const { url } = await startTinyServer();
    const { port } = new URL(url);
    await expect(openSocket(`http://127.0.0.1:${port}/graphiql`.replace('/graphql', ''))).rejects.toThrow('refused with 404');
  });
});

describe('S9: how many sockets there may be', () => {
  it('is bounded for each user: the one too many closes with 1013', async () => {
    const server = await startTinyServer({ socketsPerUser: 3 });
    const sockets = await Promise.all([1, 2, 3].map(() => connect(server.url, 'alice-token')));
    const fourth = await openSocket(server.url);
    fourth.send({ ...INIT, payload: { authorization: 'alice-token' } });
    expect((await fourth.closed).code).toBe(1013);
    await connect(server.url, 'bob-token');
    sockets[0]?.socket.terminate();
    await waitFor(() => server.held.present === 3, { what: 'the place that became free' });
    await connect(server.url, 'alice-token');
    expect(await server.metrics()).toContain('parley_sockets_refused_total{reason="user"} 1');
  });

  it('is put off where too many want in at once: 1013, on which the reference client comes back by itself', async () => {
    const server = await startTinyServer({ socketsEntering: 1 });
    let letIn: (() => void) | null = null;
    server.beforeAuthenticate = () =>
      new Promise((resolve) => {
        letIn = resolve;
      });
    const first = await openSocket(server.url);
    first.send({ ...INIT, payload: { authorization: 'alice-token' } });
    const go = await waitFor(() => letIn, { what: 'the first to be looked up' });
    expect((await (await openSocket(server.url)).closed).code).toBe(1013);
    const codes: unknown[] = [];
    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryWait: () => pause(20),
      retryAttempts: Number.POSITIVE_INFINITY,
      on: { closed: (event) => codes.push(at(event, 'code')) },
    });
    endAfterTest(() => client.dispose());
    const result = client.iterate({ query: '{ hello }' }).next();
    await waitFor(() => codes.length > 1, { what: 'two tries in vain' });
    server.beforeAuthenticate = null;
    go();
    expect(await result).toMatchObject({ value: { data: { hello: 'world' } } });
    expect(new Set(codes.slice(0, 2))).toEqual(new Set([1013]));
    expect(await server.metrics()).toMatch(/parley_sockets_refused_total\{reason="busy"\} [1-9]/);
  });

  it('is bounded for each address: the one too many closes with 1013', async () => {
    const server = await startTinyServer({ socketsPerAddress: 3, proxies: 1 });
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const sockets = await Promise.all([1, 2, 3].map(() => openSocket(server.url, from('203.0.113.1'))));
    expect((await (await openSocket(server.url, from('203.0.113.1'))).closed).code).toBe(1013);
    await openSocket(server.url, from('203.0.113.2'));
    for (const { socket } of sockets) socket.terminate();
    await waitFor(async () => /parley_connections 1$/m.test(await server.metrics()), { what: 'the places that became free' });
    await connect(server.url, undefined, from('203.0.113.1'));
  });
});

describe('P8: readers', () => {
  it('that do not answer pings are cut, and those who do are not', async () => {
    const server = await startTinyServer();
    const quick = await connect(server.url, 'alice-token');
    const dead = await connect(server.url, 'bob-token', { client: { autoPong: false } });
    let pings = 0;
    quick.socket.on('ping', () => {
      pings += 1;
    });
    const seconds = (count: number) => {
      for (let second = 0; second < count; second += 1) server.clock.advance(1000);
    };
    seconds(15);
    await waitFor(() => pings === 1, { what: 'a ping' });
    // Its pong is on the way; what it says after that comes after it.
    await execute(quick, 'first', '{ hello }');
    seconds(10);
    expect((await dead.closed).code).toBe(1006);
    seconds(5);
    await waitFor(() => pings === 2, { what: 'the next ping' });
    expect(await execute(quick, 'still', '{ hello }')).toMatchObject({ type: 'next' });
  });

  it('that are too slow are closed with 4410; their backlog waits in the source, and neighbours notice nothing', async () => {
    const server = await startTinyServer();
    const slow = await connect(server.url, 'alice-token');
    const quick = await connect(server.url, 'bob-token');
    subscribe(slow, '1', 'subscription { open(slowAt: 100) }');
    subscribe(quick, '1', 'subscription { open(slowAt: 100) }');
    await waitFor(() => server.sources.length === 2, { what: 'the subscriptions' });
    const [forSlow, forQuick] = server.sources;
    slow.socket.pause();
    const large = 'x'.repeat(50_000);
    let sent = 0;
    // What the network takes in is not the server's to bound; then it piles up where it can be counted.
    await waitFor(
      () => {
        forSlow?.push(large);
        sent += 1;
        return (forSlow?.backlog ?? 0) > 101;
      },
      { what: 'a backlog in the source', timeoutMs: 20_000 },
    );
    expect(sent).toBeGreaterThan(100);
    forQuick?.push('now');
    expect(at(await quick.next(), 'payload.data.open')).toBe('now');
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 4410, reason: 'Reading too slowly' });
    await waitFor(() => forSlow?.ended, { what: 'the end of the source' });
  });

  it('that ask without ever reading an answer are not read either', async () => {
    const server = await startTinyServer({ queueBytes: 100_000, bodyBytes: 60_000 });
    const client = await connect(server.url, 'alice-token');
    client.socket.pause();
    const text = 'x'.repeat(40_000);
    let asked = 0;
    const ask = () => {
      asked += 1;
      subscribe(client, `q${asked}`, 'query Q($t: String!) { echo(text: $t) }', { t: text });
    };
    // Once the server has stopped reading, what is asked stays with the asker.
    await waitFor(
      () => {
        ask();
        return client.socket.bufferedAmount > 2_000_000;
      },
      { what: 'the server to stop reading', timeoutMs: 20_000 },
    );
    client.socket.resume();
    await waitFor(() => client.waiting.length > 0, { what: 'answers' });
    await waitFor(() => client.socket.bufferedAmount === 0, { what: 'the server to read again', timeoutMs: 20_000 });
  });
});

describe('shutting down', () => {
  it('closes idle sockets with 1012 at once, and busy ones when they have their answer', async () => {
    const server = await startTinyServer();
    const idle = await connect(server.url, 'alice-token');
    subscribe(idle, '1', 'subscription { events }');
    const busy = await connect(server.url, 'bob-token');
    subscribe(busy, '1', 'mutation { slow }');
    const overHttp = post(server.url, 'mutation { slow }');
    await waitFor(() => server.slow.waiting === 2, { what: 'both mutations' });
    const closing = server.close();
    expect(await idle.closed).toEqual({ code: 1012, reason: 'Restarting' });
    await expect(openSocket(server.url)).rejects.toThrow();
    server.slow.release();
    expect(await busy.next()).toEqual({ id: '1', type: 'next', payload: { data: { slow: 'done' } } });
    expect((await busy.closed).code).toBe(1012);
    expect((await overHttp).data).toEqual({ slow: 'done' });
    await closing;
    expect(server.held).toEqual({ watches: 0, present: 0 });
    expect(server.sources.every(({ ended }) => ended)).toBe(true);
  });

  it('does not wait for ever', async () => {
    const server = await startTinyServer({ drainMs: 2000 });
    const busy = await connect(server.url, 'bob-token');
    subscribe(busy, '1', 'mutation { slow }');
    await waitFor(() => server.slow.waiting === 1, { what: 'the mutation' });
    const closing = server.close();
    server.clock.advance(2000);
    await closing;
    expect((await busy.closed).code).toBe(1006);
  });
});
