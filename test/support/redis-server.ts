import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { redisBinary } from '../../scripts/redis-binary.mjs';
import type { RedisSettings } from '../../src/store/redis/options.ts';
import { waitFor } from './wait-for.ts';

/** How a test's Redis is to be. */
export interface RedisServerOptions {
  /** Keeps an append-only file, synced every second: what was acknowledged survives `kill`. Default true. */
  readonly durable?: boolean;
  /** Further settings, as redis-server takes them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Serves on this port instead of a free one. */
  readonly port?: number;
}

/** A Redis of its own, with a directory of its own. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Settings of a store on it. */
  readonly redis: RedisSettings;
  readonly directory: string;
  /** The process that runs now. */
  readonly pid: number;
  /** Ends it and removes its directory. Idempotent. */
  stop(): Promise<void>;
  /** Ends it by SIGKILL; what is in the directory stays. */
  kill(): Promise<void>;
  /** Starts it on the same port and directory, ending it by SIGKILL first where it runs. */
  restart(): Promise<void>;
  /** One command, on a connection of its own: the first line of the answer. */
  command(...words: readonly string[]): Promise<string>;
}

/** Starts a redis-server. Rejects where there is none, or where it does not come up. The caller stops it. */
export async function startRedis({ durable = true, settings = {}, port = 0 }: RedisServerOptions = {}): Promise<RedisServer> {
  const binary = await redisBinary();
  const directory = await mkdtemp(path.join(tmpdir(), 'parley-redis-'));
  const own = port === 0 ? await freePort() : port;
  const all = {
    save: '',
    appendonly: durable ? 'yes' : 'no',
    appendfsync: 'everysec',
    'repl-diskless-sync-delay': '0',
    ...settings,
  };
  let child = await launch(binary, own, directory, all);
  let stopped = false;

  return {
    url: `redis://127.0.0.1:${own}`,
    port: own,
    redis: redisSettings({ url: `redis://127.0.0.1:${own}` }),
    directory,
    get pid() {
      return child.pid ?? 0;
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await kill(child);
      await rm(directory, { recursive: true, force: true });
    },
    kill: () => kill(child),
    async restart() {
      await kill(child);
      child = await launch(binary, own, directory, all);
    },
    command: (...words) => command(own, words),
  };
}

/** Settings of a store with these set and the others not. */
export const redisSettings = (some: Partial<RedisSettings>): RedisSettings => ({
  url: null,
  clusterNodes: null,
  sentinels: null,
  sentinelMaster: 'mymaster',
  username: null,
  password: null,
  tls: false,
  ...some,
});

async function launch(
  binary: string,
  port: number,
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const address = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
  const child = spawn(binary, [...address, '--loglevel', 'warning', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const exited = once(child, 'exit').then(([code]) => Promise.reject(new Error(`redis-server ended with ${code}:\n${output}`)));
  const up = waitFor(async () => /^(\+PONG|-NOAUTH)/.test(await command(port, ['PING']).catch(() => '')), {
    what: `redis-server on port ${port}`,
    timeoutMs: 10_000,
  });
  exited.catch(() => {});
  try {
    await Promise.race([up, exited]);
  } catch (error) {
    await kill(child);
    throw error;
  }
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** A port nobody listens on now, below those handed out to clients, and with its bus port (+10000) free for a cluster. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 12_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** Sends one command on a connection of its own. Resolves with the first line of the answer, or for a bulk answer with its text. */
export function command(port: number, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let answer = '';
    socket.setEncoding('utf8').setTimeout(2000, () => socket.destroy(new Error(`no answer to ${words.join(' ')}`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed')));
    socket.on('data', (text: string) => {
      answer += text;
      const bulk = /^\$(\d+)\r\n/.exec(answer);
      const complete = bulk ? Buffer.byteLength(answer) >= bulk[0].length + Number(bulk[1]) + 2 : answer.includes('\r\n');
      if (!complete) return;
      resolve(bulk ? answer.slice(bulk[0].length, -2) : (answer.split('\r\n')[0] ?? ''));
      socket.destroy();
    });
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
  });
}
