import type { Config } from '../../src/config.ts';
import { at, post, textAt } from './graphql-client.ts';
import { endAfterTest } from './leftovers.ts';
import { createRandom, type Random } from './random.ts';
import { type RedisServer, type RedisServerOptions, startRedis } from './redis-server.ts';
import { createRoom, signUp, startServer, type TestServer, type TestUser } from './server.ts';
import { type Follower, follow, type SocketFollower } from './subscriber-log.ts';
import { startProxy, type TcpProxy } from './tcp-proxy.ts';
import { waitFor } from './wait-for.ts';

/** Limits that a test does not reach. */
export const AMPLE = {
  PARLEY_RATE_SEND: '100000/s:100000',
  PARLEY_RATE_WRITE: '100000/s:100000',
  PARLEY_RATE_READ: '100000/s:100000',
  PARLEY_RATE_SIGN_UP_ADDRESS: '1000/s:1000',
  PARLEY_REPLAY_MAX: '10000',
};

/** Two servers on one Redis, each on a wire of its own. */
export interface TwoNodes {
  readonly redis: RedisServer;
  readonly nodes: readonly [TestServer, TestServer];
  readonly wires: readonly [TcpProxy, TcpProxy];
  readonly urls: readonly [string, string];
}

/** Starts them; they are ended after the test. */
export async function startTwoNodes(
  options: RedisServerOptions = {},
  settings: Readonly<Record<string, string>> = {},
  adjust?: (config: Config) => Config,
): Promise<TwoNodes> {
  const redis = await startRedis(options);
  endAfterTest(() => redis.stop());
  const start = async () => {
    const wire = await startProxy(redis.port);
    endAfterTest(() => wire.close());
    return { wire, node: await startServer({ ...AMPLE, REDIS_URL: `redis://127.0.0.1:${wire.port}`, ...settings }, adjust) };
  };
  const [one, two] = [await start(), await start()];
  return { redis, nodes: [one.node, two.node], wires: [one.wire, two.wire], urls: [one.node.url, two.node.url] };
}

/** How many people, rooms, and followers of each room. */
export interface CrowdSize {
  readonly people: number;
  readonly rooms: number;
  readonly followers: number;
  readonly alone?: boolean;
}

/** People in rooms. */
export interface Crowd<F extends Follower = Follower> {
  /** The first of them, who made the rooms. */
  readonly owner: TestUser;
  readonly people: readonly TestUser[];
  readonly roomIds: readonly string[];
  readonly followers: readonly F[];
}

/**
 * Signs people up, makes rooms that all of them are in, and has each room followed by each of them in turn over all servers. Every fourth follower has its
 * results made for it alone, unless `alone` is false.
 */
export async function gather(
  urls: readonly string[],
  { people: count, rooms, followers, alone = true }: CrowdSize,
): Promise<Crowd<SocketFollower>> {
  const first = { url: urls[0] ?? '' };
  const people = await Promise.all(Array.from({ length: count }, () => signUp(first)));
  const [owner, ...others] = people;
  if (!owner) throw new Error('nobody is there');
  const roomIds = await Promise.all(
    Array.from({ length: rooms }, () =>
      createRoom(
        first,
        owner,
        others.map(({ id }) => id),
      ),
    ),
  );
  const logs = roomIds.flatMap((roomId, room) =>
    Array.from({ length: followers }, (_, index) => {
      const user = people[index % people.length] ?? owner;
      const turned = index % 2 === 0 ? urls : [...urls].reverse();
      const name = `follower ${index + 1} of room ${room + 1}`;
      return follow({ name, urls: turned, user, roomId, after: null, alone: alone && index % 4 === 3 });
    }),
  );
  await waitFor(() => logs.every(({ log }) => log.live), { what: 'all followers', timeoutMs: 20_000 });
  return { owner, people, roomIds, followers: logs };
}

/** Where a room stands, as a member is told; null where nobody can tell. */
export async function cursorOf(url: string, { token }: Pick<TestUser, 'token'>, roomId: string): Promise<string | null> {
  const query = 'query Where($id: ID!) { room(id: $id) { cursor } }';
  const answer = await post(url, query, { token, variables: { id: roomId } }).catch(() => null);
  const cursor = at(answer?.data, 'room.cursor');
  return typeof cursor === 'string' ? cursor : null;
}

/** The ids and bodies of all messages of a room as pages of the timeline give them, oldest first. */
export async function timelineOf(url: string, { token }: Pick<TestUser, 'token'>, roomId: string) {
  const query = `query Page($id: ID!, $after: String) {
    room(id: $id) { messages(first: 100, after: $after) { nodes { id kind body author { id } } pageInfo { hasNextPage endCursor } } }
  }`;
  const messages: { id: string; kind: string; body: string; authorId: string }[] = [];
  for (let after: string | null = null; ; ) {
    const { data } = await post(url, query, { token, variables: { id: roomId, after } });
    const nodes = at(data, 'room.messages.nodes');
    for (const node of Array.isArray(nodes) ? nodes : [])
      messages.push({
        id: textAt(node, 'id'),
        kind: textAt(node, 'kind'),
        body: textAt(node, 'body'),
        authorId: textAt(node, 'author.id'),
      });
    if (at(data, 'room.messages.pageInfo.hasNextPage') !== true) return messages;
    after = textAt(data, 'room.messages.pageInfo.endCursor');
  }
}

/** A source of random numbers whose seed is printed: PARLEY_SEED brings the same again. */
export function printedRandom(what: string): Random {
  const seed = Number(process.env.PARLEY_SEED ?? Math.floor(Math.random() * 1e9));
  console.log(`${what}: PARLEY_SEED=${seed}`);
  return createRandom(seed);
}
