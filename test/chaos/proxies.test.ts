import { connect as connectTls, constants } from 'node:http2';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, connect, openSocket, post, textAt } from '../support/graphql-client.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type ReverseProxy, startReverseProxy } from '../support/reverse-proxy.ts';
import { startLoad } from '../support/room-load.ts';
import { signUp, type TestUser } from '../support/server.ts';
import { type ServerProcess, startProcess } from '../support/server-process.ts';
import { followStream } from '../support/stream-log.ts';
import { AMPLE, gather, printedRandom } from '../support/two-nodes.ts';
import { verdict } from '../support/verdict.ts';
import { waitFor } from '../support/wait-for.ts';

const SIGN_IN =
  'mutation In($username: String!, $password: String!) { signIn(input: { username: $username, password: $password }) { token } }';
const CREATE = 'mutation { createRoom(input: { name: "A room", kind: PRIVATE }) { room { id } } }';
const SEND = 'mutation ($roomId: ID!) { sendMessage(input: { roomId: $roomId, body: "hello" }) { message { id } } }';
const EVENTS = 'subscription ($roomId: ID!) { roomEvents(roomId: $roomId) { __typename } }';

// The certificates are made for the test; one request checks them, the clients below cannot be told of them.
const { NODE_TLS_REJECT_UNAUTHORIZED } = process.env;
beforeAll(() => {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
});
afterAll(() => {
  if (NODE_TLS_REJECT_UNAUTHORIZED === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  else process.env.NODE_TLS_REJECT_UNAUTHORIZED = NODE_TLS_REJECT_UNAUTHORIZED;
});

interface Ground {
  readonly redis: RedisServer;
  readonly servers: readonly ServerProcess[];
  readonly proxy: ReverseProxy;
}

/** So many processes on one Redis, each as often behind the proxy as its configuration has places. */
async function start(kind: 'nginx' | 'haproxy', count: number, settings: Readonly<Record<string, string>> = {}): Promise<Ground> {
  const redis = await startRedis();
  endAfterTest(() => redis.stop());
  const launch = async () => {
    const server = await startProcess({
      ...AMPLE,
      REDIS_URL: redis.url,
      PARLEY_DEMO: 'off',
      PARLEY_TRUST_PROXY: '1',
      ...settings,
    });
    endAfterTest(() => server.kill());
    return server;
  };
  const servers = await Promise.all(Array.from({ length: count }, launch));
  const ports = Array.from({ length: 3 }, (_, index) => Number(new URL(servers[index % count]?.url ?? '').port));
  return { redis, servers, proxy: await startReverseProxy(kind, ports) };
}

const metricOf = async ({ url }: ServerProcess, name: RegExp): Promise<number> =>
  Number(name.exec(await (await fetch(`${url}/metrics`)).text())?.[1] ?? 0);
const connectionsOf = (server: ServerProcess) => metricOf(server, /^parley_connections (\d+)/m);
const mutationsOf = (server: ServerProcess) =>
  metricOf(server, /^parley_operation_seconds_count\{kind="mutation",outcome="ok"\} (\d+)/m);

describe.each(['nginx', 'haproxy'] as const)('behind %s, as its shipped configuration says', { timeout: 90_000 }, (kind) => {
  it('P3 P4 P5: three processes are one chat; one is killed, one restarted: clients resume through the proxy, nothing is lost', async () => {
    const random = printedRandom(kind);
    const { redis, servers, proxy } = await start(kind, 3);
    const [one, two] = servers;
    if (!one || !two) throw new Error('there are no servers');
    const urls = [proxy.url];
    const sockets = await gather(urls, { people: 5, rooms: 2, followers: 6 });
    const streams = sockets.roomIds.map((roomId, index) =>
      followStream({ name: `stream ${index}`, urls, user: sockets.owner, roomId }),
    );
    const crowd = { ...sockets, followers: [...sockets.followers, ...streams] };
    const everybodyLive = () =>
      waitFor(() => crowd.followers.every(({ log }) => log.live), { what: 'everybody', timeoutMs: 10_000 });
    await everybodyLive();
    for (const server of servers) expect(await connectionsOf(server)).toBeGreaterThanOrEqual(3);

    const load = startLoad({ urls, writers: crowd.people, roomIds: crowd.roomIds, random, restMs: 10 });
    const more = async () => {
      const done = load.done;
      await waitFor(() => load.done > done + 40, { what: 'changes', timeoutMs: 15_000 });
    };
    await more();
    await one.kill();
    await everybodyLive();
    await more();
    await one.start();
    await waitFor(async () => (await mutationsOf(one)) > 0, { what: 'the proxy to find it again', timeoutMs: 10_000 });
    const failed = load.failed;
    const stopped = two.stop();
    await more();
    expect(await stopped).toBe(0);
    await everybodyLive();
    await more();
    // What ran was finished, what came after went elsewhere; a request may just have met a connection that was being closed.
    expect(load.failed - failed).toBeLessThanOrEqual(1);
    expect(await connectionsOf(one)).toBeGreaterThan(0);
    await load.stop();
    const since = performance.now();
    expect(await verdict({ servers: [redis], url: proxy.url, crowd, load, since, withinMs: 5000 })).toEqual([]);
    expect([...new Set(sockets.followers.flatMap(({ codes }) => codes))].sort()).toEqual([1006, 1012]);
    console.log(`${kind}: ${load.done} changes, ${load.failed} tries failed`);
  });

  it('S15 S16: knows its clients by their own addresses, ends TLS, lets streams flow and keeps to itself what is not for them', async () => {
    const { proxy } = await start(kind, 1, { PARLEY_RATE_SIGN_IN_ADDRESS: '0.01/s:2' });
    const user = await signUp(proxy);
    const outcomes: unknown[] = [];
    for (const address of ['127.0.0.2', '127.0.0.2', '127.0.0.2', '127.0.0.3']) outcomes.push(await signIn(proxy, user, address));
    expect(outcomes).toEqual(['ok', 'ok', 'RATE_LIMITED', 'ok']);

    // The page's own origin is the one that the browser sees.
    const own = await connect(proxy.url, user.token, { headers: { origin: proxy.url } });
    own.socket.close();
    await expect(openSocket(proxy.url, { headers: { origin: proxy.url.replace('https', 'http') } })).rejects.toThrow('403');
    const session = await post(proxy.url, SIGN_IN, {
      variables: { ...user },
      headers: { 'parley-web-session': '1', origin: proxy.url },
    });
    expect(session.headers.get('set-cookie')).toMatch(/^__Host-parley=.*; Secure/);

    const { data } = await post(proxy.url, CREATE, { token: user.token });
    await streamFlows(proxy, user, textAt(data, 'createRoom.room.id'));
    for (const path of ['/metrics', '/healthz', '/readyz']) expect((await fetch(proxy.url + path)).status).toBe(404);
    const moved = await fetch(`${proxy.plainUrl}/graphiql`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([
      308,
      expect.stringMatching(/^https:\/\/127\.0\.0\.1(:\d+)?\/graphiql$/),
    ]);
  });
});

/** Signs in from an address of this machine, while pretending to be yet another one. */
function signIn({ url, certificate }: ReverseProxy, { username, password }: TestUser, localAddress: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': `198.51.100.${Math.floor(Math.random() * 250)}` };
    const asked = request(
      `${url}/graphql`,
      { method: 'POST', agent: false, localAddress, ca: certificate, rejectUnauthorized: true, headers },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const answer: unknown = JSON.parse(text);
          resolve(at(answer, 'errors.0.extensions.code') ?? (at(answer, 'data.signIn.token') ? 'ok' : text));
        });
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify({ query: SIGN_IN, variables: { username, password } }));
  });
}

/** An event arrives on a stream that stays open, over HTTP/2 as browsers speak it. */
async function streamFlows({ url, certificate }: ReverseProxy, { token }: TestUser, roomId: string): Promise<void> {
  const session = connectTls(url, { ca: certificate });
  endAfterTest(() => session.destroy());
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: '/graphql',
    'content-type': 'application/json',
    accept: 'text/event-stream',
    authorization: `Bearer ${token}`,
  });
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  stream.end(JSON.stringify({ query: EVENTS, variables: { roomId } }));
  await waitFor(() => text.includes('CaughtUp'), { what: 'the beginning of the stream' });
  const sent = performance.now();
  await post(url, SEND, { token, variables: { roomId } });
  await waitFor(() => text.includes('MessageSent'), { what: 'the event' });
  expect(performance.now() - sent).toBeLessThan(2000);
  expect(stream.closed).toBe(false);
}
