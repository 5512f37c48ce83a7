import { type App, createApp, isStartFault } from './app.ts';
import { type Config, ConfigError, readConfig } from './config.ts';

// From the first signal to the end, whatever hangs.
const PATIENCE_MS = 9500;
// npm passes on a Ctrl-C that the terminal has sent to this process already: two within this time are one.
const ECHO_MS = 500;

let app: App | null = null;
let stoppingSince: number | null = null;

/** For people. The log, for machines, has standard output to itself. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function start(): Promise<void> {
  const config = readConfig(process.env);
  app = await createApp(config);
  const { url } = await app.listen();
  if (stoppingSince !== null) return;
  say(greeting(url, config));
}

function greeting(url: string, config: Config): string {
  const lines = [
    '',
    'Parley is running.',
    `  Web page   ${url}/`,
    ...(config.explorer ? [`  GraphiQL   ${url}/graphiql`] : []),
    `  API        ${url}/graphql  (GraphQL over HTTP, server-sent events and WebSocket)`,
    `  Store      ${config.redis === null ? `embedded, in ${config.dataDir}` : 'Redis'}`,
    ...(config.demo ? ['  Sign in as alice, bob, carol or dave, password parley-demo.'] : []),
    '  Ctrl-C stops it.',
    '',
  ];
  return lines.join('\n');
}

function stop(signal: string): void {
  const now = performance.now();
  if (stoppingSince !== null) {
    if (now - stoppingSince > ECHO_MS) process.exit(1);
    return;
  }
  stoppingSince = now;
  app?.log.info({ signal }, 'stopping');
  setTimeout(() => {
    app?.log.error({}, 'did not stop in time');
    process.exit(1);
  }, PATIENCE_MS).unref();
  // One that has not started yet has nothing to finish.
  (app?.close() ?? Promise.resolve()).then(
    () => process.exit(0),
    (error: unknown) => crash('stopping failed', error),
  );
}

function crash(what: string, error: unknown): void {
  if (app === null) say(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  else app.log.fatal({ err: error }, what);
  process.exit(1);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('uncaughtException', (error) => crash('uncaught exception', error));
process.on('unhandledRejection', (error) => crash('unhandled rejection', error));

start().catch(async (error: unknown) => {
  if (!(error instanceof ConfigError) && !isStartFault(error)) return crash('Parley could not start', error);
  say(error.message);
  // What had been opened before (the store, where the port is taken) is closed in order.
  await app?.close();
  process.exit(1);
});
