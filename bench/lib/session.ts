import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Reader } from '../load/crowd.ts';
import type { Person } from '../load/dialects.ts';
import type { BenchRedis } from './redis.ts';
import { type Remote, startRemote } from './remote.ts';
import { between, type Memory, memoryOf, type Spent, shareOf, type Usage, usageOf } from './usage.ts';

/** A server and the load generator that is connected to it, each in a process of its own. */
export interface Session {
  /** The first of the server's processes; mostly there is only one. */
  readonly server: Remote;
  readonly port: number;
  /** Connects, signs in and follows; resolves when the server has confirmed everything. */
  open(readers: readonly Reader[]): Promise<Spent>;
  memory(): Promise<Memory>;
  openSenders(sender: Person, count: number): Promise<void>;
  /** Opens the senders' sockets and waits until every subscription delivers and all is quiet. */
  ready(sender: Person, senders: number): Promise<void>;
  /** Has the load generator do something, and says what server, generator and Redis spent on it. */
  load<T>(name: string, input: unknown, answer: z.ZodType<T>): Promise<Loaded<T>>;
  close(): Promise<void>;
}

/** What came of some load. */
export interface Loaded<T> {
  readonly result: T;
  readonly server: Spent;
  readonly generator: Spent;
  readonly redisMicros: number;
}

export const runResult = z.object({ events: z.number(), deliveries: z.number(), seconds: z.number() });
export const paceResult = runResult.extend({ latencies: z.instanceof(Float64Array), expected: z.number() });

const nothing = z.undefined().or(z.null());
const CONNECTS_AT_ONCE = 128;

/** Starts a server by name on this Redis, as one process or as several that share the sockets, and a generator for it. */
export async function openSession(
  name: string,
  redis: BenchRedis,
  { env = {}, processes = 1 }: { readonly env?: Readonly<Record<string, string>>; readonly processes?: number } = {},
): Promise<Session> {
  const start = () => startRemote(name, { REDIS_URL: redis.url, ...env });
  const server = start();
  const servers = [server, ...Array.from({ length: processes - 1 }, start)];
  const generator = startRemote('generator');
  const close = async (): Promise<void> => {
    await Promise.all([...servers, generator].map((remote) => remote.stop()));
  };
  try {
    const port = await server.call('port', null, z.number());
    const ports = await Promise.all(servers.map((one) => one.call('port', null, z.number())));
    await generator.call('connect', { server: name, ports }, nothing);
    return { ...createSession(name, servers, generator, redis), server, port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function createSession(
  name: string,
  servers: readonly Remote[],
  generator: Remote,
  redis: BenchRedis,
): Omit<Session, 'server' | 'port' | 'close'> {
  let followed = 0;

  // Where the protocol does not confirm subscriptions, the server is asked.
  async function allFollowed(readers: readonly Reader[]): Promise<void> {
    followed = readers.reduce((sum, { rooms }) => sum + rooms.length, followed);
    if (name !== 'tutorial') return;
    const standing = () => Promise.all(servers.map((server) => server.call('subscriptions', null, z.number())));
    while (sumOf(await standing()) < followed) await pause(20);
  }

  async function serverUsage(): Promise<Usage> {
    const all = await Promise.all(servers.map(usageOf));
    return { cpuMicros: sumOf(all.map(({ cpuMicros }) => cpuMicros)), atMicros: performance.now() * 1000 };
  }

  const openSenders = async (person: Person, count: number): Promise<void> => {
    await generator.call('openSenders', { person, count }, nothing);
  };

  return {
    async memory() {
      const all = await Promise.all(servers.map(memoryOf));
      return {
        rssBytes: sumOf(all.map(({ rssBytes }) => rssBytes)),
        heapBytes: sumOf(all.map(({ heapBytes }) => heapBytes)),
      };
    },
    async open(readers) {
      const before = await serverUsage();
      await generator.call('openReaders', { readers, atOnce: CONNECTS_AT_ONCE }, nothing);
      await allFollowed(readers);
      return between(before, await serverUsage());
    },
    openSenders,
    async ready(sender, senders) {
      await openSenders(sender, senders);
      await generator.call('settle', null, nothing);
    },
    async load(what, input, answer) {
      const redisBefore = await redis.cpuMicros();
      const [serverBefore, generatorBefore] = await Promise.all([serverUsage(), usageOf(generator)]);
      const result = await generator.call(what, input, answer);
      const [serverAfter, generatorAfter] = await Promise.all([serverUsage(), usageOf(generator)]);
      return {
        result,
        server: between(serverBefore, serverAfter),
        generator: between(generatorBefore, generatorAfter),
        redisMicros: (await redis.cpuMicros()) - redisBefore,
      };
    },
  };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const BUSY = 0.95;

/** Why a measurement says more about the generator than about the server; null where it does not. */
export function doubtOf(what: string, { server, generator }: Pick<Loaded<unknown>, 'server' | 'generator'>): string | null {
  const [share, serverShare] = [shareOf(generator), shareOf(server)];
  if (share <= BUSY || serverShare >= 1) return null;
  return `${what}: the load generator was at ${share.toFixed(2)} of a core, the server at ${serverShare.toFixed(2)}`;
}
