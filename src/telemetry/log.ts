import { pino } from 'pino';

/** Facts that go with a line: ids, counts, codes, durations. Never bodies, tokens, passwords or whole requests. */
export type Facts = Readonly<Record<string, unknown>>;

/** Structured logs, one JSON object a line. */
export interface Log {
  debug(facts: Facts, message: string): void;
  info(facts: Facts, message: string): void;
  warn(facts: Facts, message: string): void;
  /** An error under `err` is written with its stack and causes. */
  error(facts: Facts, message: string): void;
  fatal(facts: Facts, message: string): void;
  /** The same log with these facts on every line. */
  child(facts: Facts): Log;
}

/** Levels, from few lines to many; `silent` writes none. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';

/** Where lines go when not to standard output. */
export interface LogSink {
  write(line: string): void;
}

// A second wall: callers do not pass these at all. Facts are one level deep, a cause or a nested object two.
const SECRETS = [
  'token',
  'authorization',
  'cookie',
  'password',
  'passwordHash',
  'body',
  'variables',
  'query',
  'connectionParams',
];
const PATHS = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** The log of this process. JSON escapes whatever a name or message contains, so one event is always one line. */
export function createLog(level: LogLevel, sink?: LogSink): Log {
  const options = {
    level,
    base: { pid: process.pid },
    redact: { paths: PATHS, censor: '[secret]' },
    serializers: { err: describeError },
  };
  return sink === undefined ? pino(options) : pino(options, sink);
}

/** An error as the log shows it: its own words and causes, without whatever else libraries hang on it (commands with arguments, requests). */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' ? '[not an error]' : String(error);
  const code: unknown = Reflect.get(error, 'code');
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(typeof code === 'string' && { code }),
    ...(error.cause !== undefined && depth < 3 && { cause: describeError(error.cause, depth + 1) }),
  };
}
