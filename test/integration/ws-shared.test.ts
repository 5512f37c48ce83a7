import { describe, expect, it } from 'vitest';
import { at, connect, execute, post, subscribe, type TestSocket, textAt } from '../support/graphql-client.ts';
import { createRoom, signUp, startServer, type TestServer, type TestUser } from '../support/server.ts';
import { waitFor } from '../support/wait-for.ts';

const MESSAGE = '{ id body kind createdAt author { username displayName } replyTo { id body } reactions { emoji count } }';
// The first is the same for every member; the second asks for one thing that is not, so it is executed for each reader alone.
const SHARED = `subscription Shared($roomId: ID!, $after: String) { roomEvents(roomId: $roomId, after: $after) {
  __typename cursor room { id name } ... on MessageSent { message ${MESSAGE} } ... on MessageUpdated { message ${MESSAGE} }
  ... on CaughtUp { room { messages(last: 3) { nodes { body } } } } } }`;
const OWN = SHARED.replace('reactions { emoji count }', 'reactions { emoji count viewerReacted }');
const SEND = `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }`;
const RATES = { PARLEY_RATE_SEND: '10000/s:10000', PARLEY_RATE_WRITE: '10000/s:10000' };

async function send(server: TestServer, user: TestUser, roomId: string, body: string, replyToId?: string): Promise<string> {
  const input = { roomId, body, replyToId };
  const { data } = await post(server.url, SEND, { token: user.token, variables: { input } });
  return textAt(data, 'sendMessage.message.id');
}

const kept = (client: TestSocket, id: string) =>
  client.waiting.flatMap((message) =>
    message.type === 'next' && message.id === id && at(message.payload, 'data.roomEvents.cursor') !== null
      ? [at(message.payload, 'data.roomEvents')]
      : [],
  );

const withoutOwn = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, part) => (key === 'viewerReacted' ? undefined : part)));

async function setUp() {
  const server = await startServer(RATES);
  const users = [await signUp(server, 'ann'), await signUp(server, 'ben'), await signUp(server, 'cat')] as const;
  const roomId = await createRoom(server, users[0], [users[1].id, users[2].id]);
  return { server, users, roomId };
}

describe('results shared by many subscribers', () => {
  it('P5 are what each would have been shown alone, whole and in order, among other traffic on the same socket', async () => {
    const { server, users, roomId } = await setUp();
    const [ann, ben, cat] = users;
    const clients = [await connect(server.url, ben.token), await connect(server.url, cat.token)];
    const ids = ['shared', 'ключ "☃" 😀'];
    for (const client of clients) {
      for (const id of ids) subscribe(client, id, SHARED, { roomId });
      subscribe(client, 'own', OWN, { roomId });
    }
    await waitFor(() => clients.every((client) => [...ids, 'own'].every((id) => kept(client, id).length === 1)), {
      what: 'marks',
    });
    const bodies = ['plain', 'ünï ☃ 😀 \u202e עברית', 'x'.repeat(120), 'ß'.repeat(3990), '"\\ \n\t', '👩‍👩‍👧‍👦'.repeat(300)];
    let last: string | undefined;
    for (let round = 0; round < 4; round += 1) {
      for (const body of bodies) {
        const sending = send(server, ann, roomId, `${round} ${body}`, last);
        if (clients[0]) subscribe(clients[0], `q${round}${body.length}`, '{ viewer { user { username } } }');
        last = await sending;
      }
      const react = 'mutation R($input: AddReactionInput!) { addReaction(input: $input) { message { id } } }';
      await post(server.url, react, { token: ben.token, variables: { input: { messageId: last, emoji: '👍' } } });
    }
    const total = 1 + 4 * (bodies.length + 1);
    await waitFor(() => clients.every((client) => [...ids, 'own'].every((id) => kept(client, id).length === total)), {
      what: 'all events on all subscriptions',
    });
    for (const client of clients) {
      const own = kept(client, 'own').map(withoutOwn);
      for (const id of ids) expect(kept(client, id)).toEqual(own);
      expect(at(own[1], 'message.body')).toBe('0 plain');
    }
    expect(clients[0]?.waiting.filter(({ type, id }) => type === 'next' && id?.startsWith('q'))).toHaveLength(4 * bodies.length);
  });

  it('P5 begin where each reader says', async () => {
    const { server, users, roomId } = await setUp();
    const [ann, ben] = users;
    const client = await connect(server.url, ben.token);
    subscribe(client, 'a', SHARED, { roomId });
    await waitFor(() => kept(client, 'a').length === 1, { what: 'the mark' });
    const cursor = textAt(kept(client, 'a')[0], 'cursor');
    for (const body of ['one', 'two', 'three']) await send(server, ann, roomId, body);
    await waitFor(() => kept(client, 'a').length === 4, { what: 'three messages' });
    subscribe(client, 'b', SHARED, { roomId, after: cursor });
    subscribe(client, 'c', SHARED, { roomId, after: textAt(kept(client, 'a')[2], 'cursor') });
    const bodies = (id: string) => kept(client, id).map((event) => at(event, 'message.body') ?? at(event, '__typename'));
    await waitFor(() => bodies('b').includes('CaughtUp') && bodies('c').includes('CaughtUp'), { what: 'both replays' });
    expect(bodies('b')).toEqual(['one', 'two', 'three', 'CaughtUp']);
    expect(bodies('c')).toEqual(['three', 'CaughtUp']);
  });

  it('P7 end with FORBIDDEN for the one who is removed, and show nothing of what came later', async () => {
    const { server, users, roomId } = await setUp();
    const [ann, ben, cat] = users;
    const [kicked, other] = [await connect(server.url, ben.token), await connect(server.url, cat.token)];
    for (const client of [kicked, other]) subscribe(client, 's', SHARED, { roomId });
    await waitFor(() => kept(kicked, 's').length + kept(other, 's').length === 2, { what: 'marks' });
    const remove = 'mutation Remove($input: RemoveMemberInput!) { removeMember(input: $input) { room { id } } }';
    await Promise.all([
      send(server, ann, roomId, 'before'),
      post(server.url, remove, { token: ann.token, variables: { input: { roomId, userId: ben.id } } }),
    ]);
    await send(server, ann, roomId, 'secret');
    await waitFor(() => kept(other, 's').some((event) => at(event, 'message.body') === 'secret'), { what: 'the secret' });
    await waitFor(() => kicked.waiting.some(({ type }) => type === 'complete'), { what: 'the end' });
    expect(JSON.stringify(kicked.waiting)).not.toContain('secret');
    const codes = kicked.waiting.map(({ payload }) => at(payload, 'errors.0.extensions.code')).filter(Boolean);
    expect(codes).toEqual(['FORBIDDEN']);
    expect(await execute(await connect(server.url, ben.token), '1', '{ viewer { user { id } } }')).toMatchObject({
      type: 'next',
    });
  });

  it('P8 do not wait for a reader that reads nothing: it is closed with 4410, the others lose nothing', async () => {
    const server = await startServer(RATES);
    const [ann, ben, cat] = [await signUp(server, 'ann'), await signUp(server, 'ben'), await signUp(server, 'cat')];
    const roomId = await createRoom(server, ann, [ben.id, cat.id]);
    const [stalled, healthy] = [await connect(server.url, ben.token), await connect(server.url, cat.token)];
    const many = Array.from({ length: 20 }, (_, index) => `s${index}`);
    for (const client of [stalled, healthy]) for (const id of many) subscribe(client, id, SHARED, { roomId });
    await waitFor(() => many.every((id) => kept(stalled, id).length === 1 && kept(healthy, id).length === 1), { what: 'marks' });
    stalled.socket.pause();
    let sent = 0;
    const metric = async () => /parley_slow_readers_total (\d+)/.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1];
    await waitFor(
      async () => {
        await Promise.all(Array.from({ length: 10 }, () => send(server, ann, roomId, 'x'.repeat(4000))));
        sent += 10;
        return Number(await metric()) > 0;
      },
      { what: 'the slow reader to be cut off', timeoutMs: 15_000 },
    );
    stalled.socket.resume();
    expect((await stalled.closed).code).toBe(4410);
    await waitFor(() => many.every((id) => kept(healthy, id).length === sent + 1), { what: 'everything for the other' });
  });
});
