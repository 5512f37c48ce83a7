import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const main = path.resolve(import.meta.dirname, '../../dist/main.js');

/** The built server as `npm start` runs it, in a process of its own. */
export interface ServerProcess {
  /** Where it serves; the same after every start. */
  readonly url: string;
  /** Ends it as a power cut would. Resolves once it is gone. */
  kill(): Promise<void>;
  /** Ends it by SIGTERM. Resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Starts it again on the same port. Resolves once it serves. */
  start(): Promise<void>;
}

/** Starts a server on a free port. It gets these settings and nothing else from the environment. The caller ends it. */
export async function startProcess(settings: Readonly<Record<string, string>>): Promise<ServerProcess> {
  let server = await launch({ PORT: '0', ...settings });
  const { url } = server;
  const { port } = new URL(url);

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = server;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
    return child.exitCode;
  }

  return {
    url,
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
    async start() {
      server = await launch({ ...settings, PORT: port });
    },
  };
}

async function launch(settings: Readonly<Record<string, string>>): Promise<{ child: ChildProcess; url: string }> {
  const { PATH = '', TEST_RUN = '' } = process.env;
  const env = { PATH, TEST_RUN, PARLEY_LOG_LEVEL: 'warn', ...settings };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const found = /Web page\s+(http\S+)\//.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      });
    }
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it served:\n${output}`)));
  });
  return { child, url };
}
