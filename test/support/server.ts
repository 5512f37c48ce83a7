import { rm } from 'node:fs/promises';
import { type App, createApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { post, textAt } from './graphql-client.ts';
import { endAfterTest } from './leftovers.ts';
import { temporaryDirectory } from './stores.ts';

/** The whole server in this process, on a free port. */
export interface TestServer {
  readonly url: string;
  readonly app: App;
  /** All that was logged. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts one with these settings, without demo data unless they say so; `adjust` changes what has no setting. It is ended after the test, also where
 * that fails.
 */
export async function startServer(
  settings: Readonly<Record<string, string>> = {},
  adjust: (config: Config) => Config = (config) => config,
): Promise<TestServer> {
  const dataDir = await temporaryDirectory();
  endAfterTest(() => rm(dataDir, { recursive: true, force: true }));
  const config = adjust(readConfig({ PORT: '0', PARLEY_DATA_DIR: dataDir, PARLEY_DEMO: 'off', ...settings }));
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => lines.push(line) });
  const app = await createApp(config, { log });
  endAfterTest(() => app.close());
  const { url } = await app.listen();
  return { url, app, lines, close: () => app.close() };
}

/** A signed-in user for a test. */
export interface TestUser {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  readonly token: string;
}

const SIGN_UP = `mutation SignUp($input: SignUpInput!) { signUp(input: $input) { token user { id } } }`;
let signedUp = 0;

/** Signs a new user up over HTTP. The name is new in the whole test run. */
export async function signUp({ url }: Pick<TestServer, 'url'>, name = 'user'): Promise<TestUser> {
  signedUp += 1;
  const username = `${name}-${process.pid}-${signedUp}`;
  const password = `${username} secret`;
  const { data } = await post(url, SIGN_UP, { variables: { input: { username, password } } });
  return { id: textAt(data, 'signUp.user.id'), username, password, token: textAt(data, 'signUp.token') };
}

/** Makes a room over HTTP and returns its id. */
export async function createRoom(
  { url }: Pick<TestServer, 'url'>,
  { token }: TestUser,
  memberIds: readonly string[] = [],
): Promise<string> {
  const query = 'mutation Create($input: CreateRoomInput!) { createRoom(input: $input) { room { id } } }';
  const { data } = await post(url, query, { token, variables: { input: { name: 'A room', kind: 'PRIVATE', memberIds } } });
  return textAt(data, 'createRoom.room.id');
}
