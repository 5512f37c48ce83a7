import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { build, isStale } from '../../scripts/build.mjs';
import { connect, post, subscribe, textAt } from '../support/graphql-client.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { startRedis } from '../support/redis-server.ts';
import { temporaryDirectory } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';

const root = path.resolve(import.meta.dirname, '../..');
const main = path.join(root, 'dist', 'main.js');

interface Run {
  readonly child: ChildProcess;
  output(): string;
  /** Its exit code, once it has ended. */
  readonly exit: Promise<number | null>;
  /** Where it serves, once it does. */
  url(): Promise<string>;
}

/** Runs the built server, or another command that comes to it, as the head of a process group; killed after the test. */
async function run(
  settings: Readonly<Record<string, string>>,
  command: readonly string[] = [process.execPath, main],
): Promise<Run> {
  const dataDir = await temporaryDirectory();
  const { PATH = '', HOME = '', TEST_RUN = '' } = process.env;
  const env = { PATH, HOME, TEST_RUN, PORT: '0', PARLEY_DATA_DIR: dataDir, PARLEY_DEMO: 'off', ...settings };
  const [program = '', ...words] = command;
  const child = spawn(program, words, { env, cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exit = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  endAfterTest(async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
    await exit;
    await rm(dataDir, { recursive: true, force: true });
  });
  const url = async () => {
    const found = await waitFor(() => /Web page\s+(http\S+)\//.exec(output), { what: 'the greeting', timeoutMs: 15_000 });
    return found[1] ?? '';
  };
  return { child, output: () => output, exit, url };
}

const SIGN_UP = `mutation { signUp(input: { username: "ann", password: "ann's secret" }) { token } }`;

async function signedIn(url: string): Promise<string> {
  return textAt((await post(url, SIGN_UP)).data, 'signUp.token');
}

describe('the process', { timeout: 40_000 }, () => {
  beforeAll(async () => {
    if (await isStale()) await build();
  });

  it('says where everything is and how to sign in, and keeps standard output for the log', async () => {
    const { output, url, child, exit } = await run({ PARLEY_DEMO: 'on' });
    const where = await url();
    expect(output()).toContain(`GraphiQL   ${where}/graphiql`);
    expect(output()).toContain(`API        ${where}/graphql`);
    expect(output()).toContain('alice, bob, carol or dave, password parley-demo');
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  it('does not start with settings that cannot be, and names every one of them', async () => {
    const { output, exit } = await run({ PORT: 'http', PARLEY_MAX_DEPTH: '0', PARLEY_ORIGINS: 'example.org/', PARLEY_TYPO: '1' });
    expect(await exit).toBe(1);
    for (const name of ['PORT', 'PARLEY_MAX_DEPTH', 'PARLEY_ORIGINS', 'PARLEY_TYPO']) expect(output()).toContain(`  ${name}: `);
    expect(output()).not.toMatch(/\bat .*\.js|node:internal/);
  });

  it('says which port is in use, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    endAfterTest(() => other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { output, exit } = await run({ PORT: String(port) });
    expect(await exit).toBe(1);
    expect(output()).toContain(`Port ${port} on 127.0.0.1 is in use`);
    expect(output()).toContain(`PORT=${port + 1}`);
    expect(output()).not.toContain('Parley is running');
  });

  it('says that Redis cannot be reached, without its password', async () => {
    const { output, exit } = await run({ REDIS_URL: 'redis://someone:hush-hush@127.0.0.1:1' });
    expect(await exit).toBe(1);
    expect(output()).toContain('Redis cannot be used');
    expect(output()).not.toContain('hush-hush');
  });

  it('F2: stops on SIGTERM: sockets get 1012, what runs is answered, the exit is 0', async () => {
    const { child, exit, url } = await run({});
    const where = await url();
    const token = await signedIn(where);
    const client = await connect(where, token);
    subscribe(client, '1', 'subscription { viewerEvents { __typename } }');
    await client.next();
    // Hashing takes a while; the pong says that it has begun.
    subscribe(client, '2', `mutation { signIn(input: { username: "ann", password: "ann's secret" }) { user { username } } }`);
    client.send({ type: 'ping' });
    expect((await client.next()).type).toBe('pong');
    const start = performance.now();
    child.kill('SIGTERM');
    expect(await client.next()).toMatchObject({ id: '2', payload: { data: { signIn: { user: { username: 'ann' } } } } });
    expect((await client.closed).code).toBe(1012);
    expect(await exit).toBe(0);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it.each(['npm and all it started', 'npm alone'])('stops with 0 on a Ctrl-C that reaches %s', async (who) => {
    const { child, exit, url } = await run({}, ['npm', 'start']);
    const client = await connect(await url());
    process.kill((child.pid ?? 0) * (who === 'npm alone' ? 1 : -1), 'SIGINT');
    expect((await client.closed).code).toBe(1012);
    expect(await exit).toBe(0);
  });

  it('takes the Ctrl-C that npm passes on once more for one', async () => {
    const { child, exit, url } = await run({});
    await connect(await url());
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await exit).toBe(0);
  });

  it('ends at once on a second signal', async () => {
    const redis = await startRedis({ durable: false });
    endAfterTest(() => redis.stop());
    const { child, exit, url } = await run({ REDIS_URL: redis.url });
    const where = await url();
    const token = await signedIn(where);
    process.kill(redis.pid, 'SIGSTOP');
    const hanging = post(where, 'mutation { createRoom(input: { name: "x" }) { room { id } } }', { token }).catch(() => null);
    await waitFor(async () => (await fetch(`${where}/readyz`)).status === 503, { what: 'the store to be found silent' });
    child.kill('SIGTERM');
    const first = performance.now();
    await waitFor(() => performance.now() - first > 600, { what: 'a second signal that is no echo' });
    child.kill('SIGTERM');
    await exit;
    expect(performance.now() - first).toBeLessThan(3000);
    process.kill(redis.pid, 'SIGCONT');
    await hanging;
  });

  it('P3: a second start keeps every message', async () => {
    const dataDir = await temporaryDirectory();
    endAfterTest(() => rm(dataDir, { recursive: true, force: true }));
    const first = await run({ PARLEY_DATA_DIR: dataDir });
    const one = await first.url();
    const token = await signedIn(one);
    const { data } = await post(one, 'mutation { createRoom(input: { name: "Kept" }) { room { id } } }', { token });
    const roomId = textAt(data, 'createRoom.room.id');
    const send = 'mutation Send($id: ID!) { sendMessage(input: { roomId: $id, body: "still here" }) { message { id } } }';
    await post(one, send, { token, variables: { id: roomId } });
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
    const second = await run({ PARLEY_DATA_DIR: dataDir });
    const query = 'query Q($id: ID!) { room(id: $id) { lastMessage { body } } }';
    const after = await post(await second.url(), query, { token, variables: { id: roomId } });
    expect(after.data).toEqual({ room: { lastMessage: { body: 'still here' } } });
  });
});
