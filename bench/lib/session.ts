import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Reader } from '../load/crowd.ts';
import type { Person } from '../load/dialects.ts';
import type { BenchRedis } from './redis.ts';
import { type Remote, startRemote } from './remote.ts';
import { between, type Memory, memoryOf, type Spent, shareOf, usageOf } from './usage.ts';

/** A server and the load generator that is connected to it, each in a process of its own. */
export interface Session {
  readonly server: Remote;
  readonly port: number;
  /** Connects, signs in and follows; resolves when the server has confirmed everything. */
  open(readers: readonly Reader[]): Promise<Spent>;
  memory(): Promise<Memory>;
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

/** Starts a server by name on this Redis, and a generator for it. */
export async function openSession(name: string, redis: BenchRedis, env: Readonly<Record<string, string>> = {}): Promise<Session> {
  const server = startRemote(name, { REDIS_URL: redis.url, ...env });
  const generator = startRemote('generator');
  const close = async (): Promise<void> => {
    await Promise.all([server.stop(), generator.stop()]);
  };
  try {
    const port = await server.call('port', null, z.number());
    await generator.call('connect', { server: name, port }, nothing);
    return { ...createSession(name, server, generator, redis), port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function createSession(name: string, server: Remote, generator: Remote, redis: BenchRedis): Omit<Session, 'port' | 'close'> {
  // Where the protocol does not confirm subscriptions, the server is asked.
  async function allFollowed(wanted: number): Promise<void> {
    if (name !== 'tutorial') return;
    while ((await server.call('subscriptions', null, z.number())) < wanted) await pause(20);
  }

  return {
    server,
    memory: () => memoryOf(server),
    async open(readers) {
      const before = await usageOf(server);
      await generator.call('openReaders', { readers, atOnce: CONNECTS_AT_ONCE }, nothing);
      await allFollowed(readers.reduce((sum, { rooms }) => sum + rooms.length, 0));
      return between(before, await usageOf(server));
    },
    async ready(sender, senders) {
      await generator.call('openSenders', { person: sender, count: senders }, nothing);
      await generator.call('settle', null, nothing);
    },
    async load(what, input, answer) {
      const redisBefore = await redis.cpuMicros();
      const [serverBefore, generatorBefore] = await Promise.all([usageOf(server), usageOf(generator)]);
      const result = await generator.call(what, input, answer);
      const [serverAfter, generatorAfter] = await Promise.all([usageOf(server), usageOf(generator)]);
      return {
        result,
        server: between(serverBefore, serverAfter),
        generator: between(generatorBefore, generatorAfter),
        redisMicros: (await redis.cpuMicros()) - redisBefore,
      };
    },
  };
}

const BUSY = 0.95;

/** Why a measurement says more about the generator than about the server; null where it does not. */
export function doubtOf(what: string, { server, generator }: Pick<Loaded<unknown>, 'server' | 'generator'>): string | null {
  const [share, serverShare] = [shareOf(generator), shareOf(server)];
  if (share <= BUSY || serverShare >= 1) return null;
  return `${what}: the load generator was at ${share.toFixed(2)} of a core, the server at ${serverShare.toFixed(2)}`;
}
