import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { proxies } from '../../scripts/proxies.mjs';
import { selfSigned } from './certificate.ts';
import { endAfterTest } from './leftovers.ts';
import { freePort } from './redis-server.ts';
import { waitFor } from './wait-for.ts';

const DEPLOY = path.resolve(import.meta.dirname, '../../docs/deploy');

/** A real proxy with the configuration that is shipped, in front of some processes. */
export interface ReverseProxy {
  /** Where it ends TLS, with a certificate that is in `certificate`. */
  readonly url: string;
  /** Where it only sends on to https. */
  readonly plainUrl: string;
  readonly certificate: string;
  /** What it had to say so far. */
  output(): string;
}

/** Starts nginx or haproxy in front of the servers at these ports, three of them; it is ended after the test. */
export async function startReverseProxy(kind: 'nginx' | 'haproxy', ports: readonly number[]): Promise<ReverseProxy> {
  const folder = await mkdtemp(path.join(tmpdir(), `parley-${kind}-`));
  endAfterTest(() => rm(folder, { recursive: true, force: true }));
  const { key, certificate } = selfSigned();
  const pem = path.join(folder, 'both.pem');
  await writeFile(pem, certificate + key);
  const [port, plainPort] = [await freePort(), await freePort()];
  const inside = ports.map((to, index) => [`127.0.0.1:${4000 + index}`, `127.0.0.1:${to}`] as const);
  const binaries = await proxies();
  const words =
    kind === 'nginx'
      ? await prepareNginx(folder, { pem, port, plainPort, inside })
      : await prepareHaproxy(folder, { pem, port, plainPort, inside });
  const child = spawn(binaries[kind], words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  endAfterTest(() => end(child));
  await waitFor(() => child.exitCode !== null || accepts(port), { what: `${kind} on port ${port}` });
  if (child.exitCode !== null) throw new Error(`${kind} ended with ${child.exitCode}:\n${output}`);
  return {
    url: `https://127.0.0.1:${port}`,
    plainUrl: `http://127.0.0.1:${plainPort}`,
    certificate,
    output: () => output,
  };
}

interface Place {
  readonly pem: string;
  readonly port: number;
  readonly plainPort: number;
  readonly inside: readonly (readonly [string, string])[];
}

async function prepareNginx(folder: string, { pem, port, plainPort, inside }: Place): Promise<string[]> {
  await writeFile(
    path.join(folder, 'parley.conf'),
    await filledIn('nginx.conf', [
      ...inside,
      ['listen 80;', `listen 127.0.0.1:${plainPort};`],
      ['listen 443 ', `listen 127.0.0.1:${port} `],
      ['/etc/ssl/chat.example.org.pem', pem],
      ['/etc/ssl/chat.example.org.key', pem],
    ]),
  );
  // What a system's own nginx.conf has around it, away from the folders of root.
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const main = `
    daemon off; master_process off; pid nginx.pid; lock_file nginx.lock; error_log stderr warn;
    worker_rlimit_nofile 16384;
    events { worker_connections 8192; }
    http { access_log off; ${temporary.map((name) => `${name}_temp_path ${name};`).join(' ')} include parley.conf; }`;
  await writeFile(path.join(folder, 'nginx.conf'), main);
  return ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'];
}

async function prepareHaproxy(folder: string, { pem, port, plainPort, inside }: Place): Promise<string[]> {
  const text = await filledIn('haproxy.cfg', [
    ...inside,
    ['maxconn 20000', 'maxconn 2000'],
    ['bind :80 ', `bind 127.0.0.1:${plainPort} `],
    ['bind :443 ', `bind 127.0.0.1:${port} `],
    ['/etc/haproxy/chat.example.org.pem', pem],
  ]);
  await writeFile(path.join(folder, 'haproxy.cfg'), text);
  return ['-db', '-f', 'haproxy.cfg'];
}

/** The shipped file with other values on the lines that it says are to be changed, and only on those. */
async function filledIn(file: string, values: readonly (readonly [string, string])[]): Promise<string> {
  const lines = (await readFile(path.join(DEPLOY, file), 'utf8')).split('\n');
  for (const [from, to] of values) {
    const index = lines.findIndex((line) => line.includes(from) && line.endsWith('# yours'));
    if (index === -1) throw new Error(`${file} has no line with ${from} that is yours to change`);
    lines[index] = lines[index]?.replace(from, to) ?? '';
  }
  return lines.join('\n');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (up: boolean) => {
      socket.destroy();
      resolve(up);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
