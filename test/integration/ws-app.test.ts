import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, connect, execute, openSocket, post, subscribe, type TestSocket, textAt } from '../support/graphql-client.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { createRoom, signUp, startServer, type TestServer, type TestUser } from '../support/server.ts';
import { waitFor } from '../support/wait-for.ts';

const EVENTS = `subscription Events($roomId: ID!, $after: String) {
  roomEvents(roomId: $roomId, after: $after) { __typename cursor ... on MessageSent { message { body author { username } } } }
}`;
const SEND =
  'mutation Send($roomId: ID!, $body: String!) { sendMessage(input: { roomId: $roomId, body: $body }) { message { id } } }';

const send = (server: TestServer, user: TestUser, roomId: string, body: string) =>
  post(server.url, SEND, { token: user.token, variables: { roomId, body } });

/** Skips what is told without being asked for: who is there, who types. */
async function nextKept(client: TestSocket): Promise<unknown> {
  for (;;) {
    const { payload, type } = await client.next();
    if (type !== 'next' || at(payload, 'data.roomEvents.cursor') !== null) return at(payload, 'data.roomEvents') ?? payload;
  }
}

describe('two people over sockets, embedded store', () => {
  it('P1, P5: hear what the other writes, in order, and resume from a cursor', async () => {
    const server = await startServer();
    const [ann, ben] = [await signUp(server, 'ann'), await signUp(server, 'ben')];
    const roomId = await createRoom(server, ann, [ben.id]);
    const client = await connect(server.url, ben.token);
    subscribe(client, '1', EVENTS, { roomId });
    expect(await nextKept(client)).toMatchObject({ __typename: 'CaughtUp' });
    for (const body of ['one', 'two', 'three']) await send(server, ann, roomId, body);
    expect(await nextKept(client)).toMatchObject({ message: { body: 'one', author: { username: ann.username } } });
    const second = await nextKept(client);
    expect(second).toMatchObject({ message: { body: 'two' } });
    client.socket.terminate();
    await send(server, ann, roomId, 'four');
    const again = await connect(server.url, ben.token);
    subscribe(again, '1', EVENTS, { roomId, after: textAt(second, 'cursor') });
    expect(await nextKept(again)).toMatchObject({ message: { body: 'three' } });
    expect(await nextKept(again)).toMatchObject({ message: { body: 'four' } });
    expect(await nextKept(again)).toMatchObject({ __typename: 'CaughtUp' });
  });

  it('P7: one who is removed gets FORBIDDEN and the end of the subscription, and keeps the socket', async () => {
    const server = await startServer();
    const [ann, ben] = [await signUp(server, 'ann'), await signUp(server, 'ben')];
    const roomId = await createRoom(server, ann, [ben.id]);
    const client = await connect(server.url, ben.token);
    subscribe(client, '1', EVENTS, { roomId });
    await nextKept(client);
    const remove = 'mutation Remove($input: RemoveMemberInput!) { removeMember(input: $input) { room { id } } }';
    await post(server.url, remove, { token: ann.token, variables: { input: { roomId, userId: ben.id } } });
    await send(server, ann, roomId, 'after');
    expect(await nextKept(client)).toMatchObject({ __typename: 'MemberLeft' });
    const last = await nextKept(client);
    expect(at(last, 'errors.0.extensions.code')).toMatch(/FORBIDDEN|NOT_FOUND/);
    expect(await client.next()).toEqual({ id: '1', type: 'complete' });
    expect(await execute(client, '2', '{ viewer { user { username } } }')).toMatchObject({ type: 'next' });
  });

  it('P8: one who reads too slowly is closed with 4410 and resumes without loss; the others hear everything at once', async () => {
    const server = await startServer({
      PARLEY_QUEUE_EVENTS: '30',
      PARLEY_RATE_SEND: '100000/s:100000',
    });
    const [ann, ben] = [await signUp(server, 'ann'), await signUp(server, 'ben')];
    const roomId = await createRoom(server, ann, [ben.id]);
    const [slow, quick] = [await connect(server.url, ben.token), await connect(server.url, ben.token)];
    // Each event is 60 kB on the wire, so that the network's own buffers are soon full.
    const large = `... on MessageSent { message { ${Array.from({ length: 14 }, (_, index) => `b${index}: body`).join(' ')} } }`;
    for (const client of [slow, quick]) {
      subscribe(client, '1', EVENTS.replace('__typename cursor', `$& ${large}`), { roomId });
      await nextKept(client);
    }
    slow.socket.pause();
    let sent = 0;
    let closed: number | null = null;
    void slow.closed.then(({ code }) => {
      closed = code;
    });
    const isCut = async () => {
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      return /^parley_connections 1$|^parley_slow_readers_total [1-9]/m.test(metrics);
    };
    while (!(await isCut())) {
      // No more at once than the quick one's own queue holds.
      const bodies = Array.from({ length: 10 }, (_, index) => `${sent + index} ${'x'.repeat(3900)}`);
      await Promise.all(bodies.map((body) => send(server, ann, roomId, body)));
      sent += bodies.length;
      for (const _ of bodies) await nextKept(quick);
      expect(sent).toBeLessThan(5000);
    }
    slow.socket.resume();
    await waitFor(() => closed !== null, { what: 'the close', timeoutMs: 15_000 });
    expect(closed).toBe(4410);
    const heard = slow.waiting
      .map(({ payload }) => at(payload, 'data.roomEvents'))
      .filter((event) => at(event, '__typename') === 'MessageSent');
    const again = await connect(server.url, ben.token);
    subscribe(again, '1', EVENTS, { roomId, after: textAt(heard.at(-1), 'cursor') });
    for (let event = await nextKept(again); at(event, '__typename') === 'MessageSent'; event = await nextKept(again))
      heard.push(event);
    const numbers = heard.map((event) => Number(textAt(event, 'message.body').split(' ')[0]));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, index) => index));
  });

  it('signing in works over the very socket that then goes on signed out', async () => {
    const server = await startServer();
    const ann = await signUp(server, 'ann');
    const client = await connect(server.url);
    const query = 'mutation In($input: SignInInput!) { signIn(input: $input) { token } }';
    const answer = await execute(client, '1', query, { input: { username: ann.username, password: ann.password } });
    expect(textAt(answer, 'payload.data.signIn.token')).toContain('.');
    const refused = await execute(client, '2', 'subscription { viewerEvents { __typename } }');
    expect(at(refused, 'payload.errors.0.extensions.code')).toBe('UNAUTHENTICATED');
  });

  it('S5: signing out closes all sockets of the session with 4401 and no others', async () => {
    const server = await startServer();
    const ann = await signUp(server, 'ann');
    const ben = await signUp(server, 'ben');
    const sockets = [await connect(server.url, ann.token), await connect(server.url, ann.token)];
    const other = await connect(server.url, ben.token);
    expect((await post(server.url, 'mutation { signOut { signedOut } }', { token: ann.token })).data).toEqual({
      signOut: { signedOut: true },
    });
    for (const { closed } of sockets) expect((await closed).code).toBe(4401);
    expect(await execute(other, '1', '{ viewer { user { username } } }')).toMatchObject({
      payload: { data: { viewer: { user: { username: ben.username } } } },
    });
    const late = await openSocket(server.url);
    late.send({ type: 'connection_init', payload: { authorization: ann.token } });
    expect((await late.closed).code).toBe(4401);
  });

  it('S12: a chat of ordinary operations stays far below the limits', async () => {
    const server = await startServer();
    const ann = await signUp(server, 'ann');
    const query = `query Start {
      viewer { user { username } unreadCount memberships(first: 50) { nodes { unreadCount room { id kind name topic cursor
        lastMessage { id body author { displayName presence { status } } reactions { emoji count users(first: 3) { username } } }
      } } } }
    }`;
    expect((await post(server.url, query, { token: ann.token })).errors).toBeUndefined();
  });
});

describe('two processes on one Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis({ durable: false });
  });
  afterAll(() => redis.stop());
  const pair = () => Promise.all([startServer({ REDIS_URL: redis.url }), startServer({ REDIS_URL: redis.url })]);

  it('S5: signing out on one closes the sockets on the other with 4401 within two seconds, and nothing comes after', async () => {
    const [one, two] = await pair();
    const [ann, ben] = [await signUp(one, 'ann'), await signUp(two, 'ben')];
    const roomId = await createRoom(one, ann, [ben.id]);
    const client = await connect(two.url, ben.token);
    subscribe(client, '1', EVENTS, { roomId });
    await nextKept(client);
    await send(one, ann, roomId, 'before');
    expect(await nextKept(client)).toMatchObject({ message: { body: 'before' } });
    const start = performance.now();
    await post(one.url, 'mutation { signOut { signedOut } }', { token: ben.token });
    const sent = performance.now();
    await send(one, ann, roomId, 'after');
    expect((await client.closed).code).toBe(4401);
    expect(performance.now() - start).toBeLessThan(2000 + sent - start);
    expect(client.waiting.filter((message) => JSON.stringify(message).includes('after'))).toEqual([]);
  });

  it('are one chat: each hears what is sent through the other', async () => {
    const [one, two] = await pair();
    const [ann, ben] = [await signUp(one, 'ann'), await signUp(two, 'ben')];
    const roomId = await createRoom(one, ann, [ben.id]);
    const clients = [await connect(one.url, ann.token), await connect(two.url, ben.token)];
    for (const client of clients) {
      subscribe(client, '1', EVENTS, { roomId });
      await nextKept(client);
    }
    await send(one, ann, roomId, 'from one');
    await send(two, ben, roomId, 'from two');
    for (const client of clients) {
      expect(await nextKept(client)).toMatchObject({ message: { body: 'from one' } });
      expect(await nextKept(client)).toMatchObject({ message: { body: 'from two' } });
    }
  });

  it('P9 P10: viewerEvents tell who comes to the other in a direct room, and to nobody who only shares other rooms', async () => {
    const [one, two] = await pair();
    const [ann, ben] = [await signUp(one, 'ann'), await signUp(two, 'ben')];
    const [eve, dan] = [await signUp(one, 'eve'), await signUp(two, 'dan')];
    const open = 'mutation ($id: ID!) { openDirectRoom(input: { userId: $id }) { room { id } } }';
    await post(one.url, open, { token: ann.token, variables: { id: ben.id } });
    const shared = await createRoom(one, ann, [ben.id, eve.id, dan.id]);
    const remove = 'mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { room { id } } }';
    await post(one.url, remove, { token: ann.token, variables: { input: { roomId: shared, userId: dan.id } } });

    const follow = async (server: TestServer, user: TestUser) => {
      const client = await connect(server.url, user.token);
      subscribe(
        client,
        '1',
        `subscription { viewerEvents { __typename
          ... on ContactPresenceChanged { user { username presence { status lastSeenAt } } }
          ... on MembershipUpdated { membership { room { lastMessage { body } } } } } }`,
      );
      const heard: unknown[] = [];
      const until = async (isIt: (event: unknown) => boolean) => {
        for (;;) {
          const event = at((await client.next()).payload, 'data.viewerEvents');
          heard.push(event);
          if (isIt(event)) return event;
        }
      };
      await until((event) => at(event, '__typename') === 'ViewerCaughtUp');
      const contacts = () => heard.filter((event) => at(event, '__typename') === 'ContactPresenceChanged');
      return { contacts, until };
    };
    const others = [await follow(one, eve), await follow(two, dan)];
    const partner = await follow(one, ann);
    await connect(two.url, ben.token);
    expect(await partner.until((event) => at(event, '__typename') === 'ContactPresenceChanged')).toMatchObject({
      user: { username: ben.username, presence: { status: 'ONLINE', lastSeenAt: expect.any(String) } },
    });
    // All of them are in the room that everyone joins.
    const rooms = await post(two.url, '{ viewer { memberships { nodes { room { id kind } } } } }', { token: ben.token });
    const list = at(rooms.data, 'viewer.memberships.nodes');
    const everyones = Array.isArray(list) ? list.find((node) => at(node, 'room.kind') === 'PUBLIC') : null;
    await send(two, ben, textAt(everyones, 'room.id'), 'here I am');
    for (const other of others) {
      await other.until((event) => at(event, 'membership.room.lastMessage.body') === 'here I am');
      expect(other.contacts()).toEqual([]);
    }
    expect(partner.contacts()).toHaveLength(1);
  });

  it('F2: one that stops sends its clients away with 1012 and leaves the other alone', async () => {
    const [one, two] = await pair();
    const [ann, ben] = [await signUp(one, 'ann'), await signUp(two, 'ben')];
    const clients = [await connect(one.url, ann.token), await connect(two.url, ben.token)];
    await one.close();
    expect((await clients[0]?.closed)?.code).toBe(1012);
    expect(await execute(clients[1] ?? fail(), '1', '{ viewer { user { id } } }')).toMatchObject({ type: 'next' });
    const moved = await connect(two.url, ann.token);
    expect(await execute(moved, '1', '{ viewer { user { id } } }')).toMatchObject({
      payload: { data: { viewer: { user: { id: ann.id } } } },
    });
  });

  it('say they are not ready while Redis is away, and are again soon after', async () => {
    const [one] = await pair();
    const ready = async () => (await fetch(`${one.url}/readyz`)).status;
    expect(await ready()).toBe(200);
    await redis.kill();
    await waitFor(async () => (await ready()) === 503, { what: 'readiness to fall' });
    expect((await fetch(`${one.url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${one.url}/metrics`)).text()).toContain('parley_store_link 0');
    await redis.restart();
    await waitFor(async () => (await ready()) === 200, { what: 'readiness to come back' });
  });
});

function fail(): never {
  throw new Error('there is none');
}
