import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { redisBinary } from '../../scripts/redis-binary.mjs';
import type { RedisSettings } from '../../src/store/redis/options.ts';
import { command, freePort, type RedisServer, redisSettings, startRedis } from './redis-server.ts';
import { startProxy } from './tcp-proxy.ts';
import { waitFor } from './wait-for.ts';

/** A master and a replica, watched by one Sentinel that needs nobody's consent. */
export interface SentinelSetup {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /** Settings of a store on it. */
  readonly redis: RedisSettings;
  /** Resolves when the replica has everything. */
  replicated(): Promise<void>;
  /** From now on nothing reaches the replica, which does not notice. */
  holdBack(): void;
  stop(): Promise<void>;
}

/** Starts the three. The caller stops them. */
export async function startSentinel(): Promise<SentinelSetup> {
  const master = await startRedis();
  const wire = await startProxy(master.port);
  const replica = await startRedis({ settings: { replicaof: `127.0.0.1 ${wire.port}` } });
  const port = await freePort();
  const directory = await mkdtemp(path.join(tmpdir(), 'parley-sentinel-'));
  const file = path.join(directory, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory}`,
    `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
    // Above the second in which Sentinel asks: below it, Sentinel sees deaths that are none.
    'sentinel down-after-milliseconds mymaster 2000',
    'sentinel failover-timeout mymaster 4000',
  ];
  await writeFile(file, lines.join('\n'));
  const child = spawn(await redisBinary(), [file, '--sentinel'], { stdio: 'ignore' });

  async function replicated(): Promise<void> {
    const offsets = async () => {
      const [here, there] = await Promise.all([master.command('INFO', 'replication'), replica.command('INFO', 'replication')]);
      const offset = /master_repl_offset:(\d+)/;
      return there.includes('master_link_status:up') && offset.exec(here)?.[1] === offset.exec(there)?.[1];
    };
    await waitFor(offsets, { what: 'the replica to catch up', timeoutMs: 10_000 });
  }

  async function stop(): Promise<void> {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await Promise.all([master.stop(), replica.stop(), rm(directory, { recursive: true })]);
    await wire.close();
  }

  try {
    await replicated();
    const known = async () =>
      (await command(port, ['INFO', 'sentinel']).catch(() => '')).includes(`status=ok,address=127.0.0.1:${master.port},slaves=1`);
    await waitFor(known, { what: 'Sentinel to know both', timeoutMs: 15_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    master,
    replica,
    redis: redisSettings({ sentinels: [`127.0.0.1:${port}`] }),
    replicated,
    holdBack: () => wire.stall(),
    stop,
  };
}
