import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { at, post, textAt } from '../support/graphql-client.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { startProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';

const root = path.resolve(import.meta.dirname, '../..');
const README = readFileSync(path.join(root, 'README.md'), 'utf8');

/** What the README's curl commands send, with the shell's variables filled in. */
function bodiesOf(variables: Readonly<Record<string, string>>) {
  const texts = [...README.matchAll(/ -d '(\{[\s\S]*?\n\})'/g)].map(([, text = '']) => text);
  return texts.map((text): { query: string; variables?: Record<string, unknown> } =>
    JSON.parse(text.replaceAll(/'"\$(\w+)"'/g, (_, name: string) => variables[name] ?? '')),
  );
}

/** The README's client in a process of its own, ended after the test; returns what it has printed. */
function follow(url: string, variables: Readonly<Record<string, string>>): () => string[] {
  const [, script = ''] = /<<'END'\n([\s\S]*?)^END$/m.exec(README) ?? [];
  const { PATH = '', TEST_RUN = '' } = process.env;
  const env = { PATH, TEST_RUN, ...variables };
  const child = spawn(process.execPath, ['--input-type=module'], { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] });
  endAfterTest(() => child.kill('SIGKILL'));
  child.stdin.end(script.replaceAll('ws://127.0.0.1:4000', url.replace(/^http/, 'ws')));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return () => output.split('\n').filter(Boolean);
}

it('P4 P5 the first conversation of the README works as it stands, over the death of the server', async () => {
  const dataDir = await temporaryDirectory();
  endAfterTest(() => rm(dataDir, { recursive: true }));
  const server = await startProcess({ PARLEY_DATA_DIR: dataDir, PARLEY_DEMO: 'on' });
  endAfterTest(() => server.kill());
  const [signIn, rooms] = bodiesOf({});
  const { data: signedIn } = await post(server.url, signIn?.query ?? '', { variables: signIn?.variables ?? {} });
  const token = textAt(signedIn, 'signIn.token');
  const { data: listed } = await post(server.url, rooms?.query ?? '', { token });
  const memberships = at(listed, 'viewer.memberships.nodes');
  const general = Array.isArray(memberships) && memberships.find((each) => at(each, 'room.name') === 'General');
  const variables = { TOKEN: token, ROOM: textAt(general, 'room.id') };

  const [, , send] = bodiesOf(variables);
  const say = async (change: Readonly<Record<string, string>> = {}) => {
    const { data } = await post(server.url, send?.query ?? '', { token, variables: { ...send?.variables, ...change } });
    return textAt(data, 'sendMessage.message.id');
  };
  expect(await say()).toBe(await say());

  const lines = follow(server.url, variables);
  const told = () => lines().flatMap((line) => (line.startsWith('MessageSent') ? [line.replace(/^.*?: /, '')] : []));
  await waitFor(() => lines().some((line) => line.startsWith('CaughtUp')), { what: 'the client to catch up' });
  await say({ body: 'one', key: '1' });
  await waitFor(() => told().length === 1, { what: 'the first message' });
  await server.kill();
  await server.start();
  await say({ body: 'two', key: '2' });
  await say({ body: 'three', key: '3' });
  await waitFor(() => told().includes('three'), { what: 'what was missed', timeoutMs: 15_000 });
  expect(told()).toEqual(['one', 'two', 'three']);
});
