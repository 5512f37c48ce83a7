import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';

/** A Redis of the benchmarks' own. */
export interface BenchRedis {
  readonly url: string;
  readonly port: number;
  /** For looking at it from outside. */
  readonly client: Redis;
  /** CPU time it has used so far, µs. */
  cpuMicros(): Promise<number>;
  close(): Promise<void>;
}

/** Starts a Redis on a free port, without persistence: the same for everyone who is compared. */
export async function startRedis(): Promise<BenchRedis> {
  const directory = await mkdtemp(path.join(tmpdir(), 'parley-bench-redis-'));
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory];
  const server = spawn(process.env.TEST_REDIS_SERVER ?? 'redis-server', options, { stdio: ['ignore', 'ignore', 2] });
  const kill = () => void server.kill('SIGKILL');
  process.once('exit', kill);
  const failed = once(server, 'exit').then(() => {
    throw new Error('redis-server did not start');
  });
  failed.catch(() => {});
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => {});
  await Promise.race([client.ping(), failed]);

  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    client,
    async cpuMicros() {
      const info = await client.info('cpu');
      const seconds = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]);
      return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6;
    },
    async close() {
      client.disconnect();
      process.off('exit', kill);
      const gone = once(server, 'exit');
      kill();
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}
