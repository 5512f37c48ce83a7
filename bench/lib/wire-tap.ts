import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { scriptText } from '../../src/store/redis/script-runner.ts';

/** What went to Redis while somebody listened. */
export interface Tapped {
  /** Commands in order; calls of scripts by the script's name. Signs of life are left out. */
  readonly commands: readonly string[];
  /**
   * How often Redis was waited for: what is sent before an answer to something else has come is one round trip with it.
   */
  readonly roundTrips: number;
}

/** A way to Redis on which everything can be counted. */
export interface WireTap {
  readonly url: string;
  /** Listens while `work` runs. One at a time. */
  listen(work: () => Promise<unknown>): Promise<Tapped>;
  close(): Promise<void>;
}

const SILENT = new Set(['PING', 'INFO', 'HELLO', 'CLIENT']);

/** The scripts by their hashes. */
function scriptNames(): ReadonlyMap<string, string> {
  const files = readdirSync(new URL('./lua', import.meta.url)).filter((file) => file.endsWith('.lua'));
  const names = files.map((file) => file.replace('.lua', ''));
  return new Map(names.map((name) => [createHash('sha1').update(scriptText(name, false)).digest('hex'), name]));
}

/** Starts a proxy to the Redis at that port. */
export async function openWireTap(redisPort: number): Promise<WireTap> {
  const names = scriptNames();
  const sockets = new Set<Socket>();
  let commands: string[] = [];
  let roundTrips = 0;
  let waiting = false;

  function sent(found: readonly (readonly string[])[]): void {
    for (const [name = '', first = ''] of found) {
      if (SILENT.has(name)) continue;
      commands.push(name === 'EVALSHA' ? (names.get(first) ?? first) : name);
      if (!waiting) roundTrips += 1;
      waiting = true;
    }
  }

  const server = createServer((client) => {
    const redis = connect(redisPort, '127.0.0.1');
    const parse = createCommandParser();
    // News arrives on a connection of its own, and nobody waits for it.
    let listens = false;
    for (const socket of [client, redis]) {
      sockets.add(socket.setNoDelay());
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        redis.destroy();
      });
    }
    client.on('data', (bytes) => {
      const found = parse(bytes);
      listens ||= found.some(([name = '']) => name.includes('SUBSCRIBE'));
      sent(found);
      redis.write(bytes);
    });
    redis.on('data', (bytes) => {
      if (!listens) waiting = false;
      client.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');

  return {
    url: `redis://127.0.0.1:${address.port}`,
    async listen(work) {
      commands = [];
      roundTrips = 0;
      waiting = false;
      await work();
      return { commands, roundTrips };
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Takes the commands out of a client's bytes: their names in capitals and first arguments. */
export function createCommandParser(): (bytes: Buffer) => readonly (readonly string[])[] {
  let held = '';

  // Parts of one command and where it ends; null where it has not arrived in full.
  function command(start: number): { parts: string[]; end: number } | null {
    let at = held.indexOf('\r\n', start);
    if (at === -1) return null;
    const parts: string[] = [];
    for (let left = Number(held.slice(start + 1, at)); left > 0; left -= 1) {
      const line = held.indexOf('\r\n', at + 2);
      if (line === -1) return null;
      const length = Number(held.slice(at + 3, line));
      if (held.length < line + 2 + length + 2) return null;
      if (parts.length < 2) parts.push(held.slice(line + 2, line + 2 + length));
      at = line + 2 + length;
    }
    return { parts: parts.map((part, index) => (index === 0 ? part.toUpperCase() : part)), end: at + 2 };
  }

  return (bytes) => {
    held += bytes.toString('latin1');
    const found: string[][] = [];
    let start = 0;
    for (let next = command(start); next !== null; next = start < held.length ? command(start) : null) {
      found.push(next.parts);
      start = next.end;
    }
    held = held.slice(start);
    return found;
  };
}
