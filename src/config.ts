import { z } from 'zod';

/** How long a Parley process lets its users and itself do what. Every default is here and in the README's table. */
export type Config = Readonly<ReturnType<typeof shape>>;

/** The settings that cannot be used, all of them, ready to print. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
const flag = z
  .enum(['on', 'off', 'true', 'false', '1', '0'], 'must be on or off')
  .transform((text) => text === 'on' || text === 'true' || text === '1');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);
const rate = z
  .string()
  .regex(/^\d+(\.\d+)?\/s:\d+$/, 'must look like 10/s:20 (steady rate and burst)')
  .transform((text) => {
    const [perSecond = '', burst = ''] = text.split('/s:');
    return { perSecond: Number(perSecond), burst: Number(burst) };
  })
  .refine((value) => value.perSecond > 0 && value.burst >= 1, 'must allow something');
const hostPort = z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'must be host:port,host:port,...');
const nodes = list.pipe(z.array(hostPort).min(1, 'must name at least one host:port'));
const origin = z.string().refine((text) => {
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
}, 'must be exact origins such as https://chat.example.org, without a path');

const SETTINGS = {
  PORT: whole(0, 65535).default(4000),
  HOST: z.string().min(1).default('127.0.0.1'),
  NODE_ENV: z.string().default(''),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/\S+$/, 'must start with redis:// or rediss://')
    .optional(),
  REDIS_CLUSTER_NODES: nodes.optional(),
  REDIS_SENTINELS: nodes.optional(),
  REDIS_SENTINEL_MASTER: z.string().min(1).default('mymaster'),
  REDIS_USERNAME: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_TLS: flag.default(false),
  PARLEY_DATA_DIR: z.string().min(1).default('./data'),
  PARLEY_DEMO: flag.optional(),
  PARLEY_DEFAULT_ROOM: z.string().max(80).default('General'),
  PARLEY_ORIGINS: list.pipe(z.array(origin)).default([]),
  PARLEY_TRUST_PROXY: whole(0, 10).default(0),
  PARLEY_EXPLORER: flag.default(true),
  PARLEY_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  PARLEY_HISTORY: whole(0, 1e9).default(100_000),
  PARLEY_DIRECT_HISTORY: whole(0, 1e9).default(100_000),
  PARLEY_REPLAY_MAX: whole(1, 10_000).default(1000),
  PARLEY_SESSION_DAYS: whole(1, 3650).default(30),
  PARLEY_SESSIONS_PER_USER: whole(1, 1000).default(50),
  PARLEY_ROOMS_PER_USER: whole(1, 10_000).default(1000),
  PARLEY_PAGE_MAX: whole(1, 1000).default(100),
  PARLEY_MAX_DEPTH: whole(1, 100).default(10),
  PARLEY_MAX_ALIASES: whole(0, 1000).default(15),
  PARLEY_MAX_DIRECTIVES: whole(0, 1000).default(10),
  PARLEY_MAX_TOKENS: whole(10, 100_000).default(1000),
  PARLEY_MAX_COST: whole(1, 1e9).default(5000),
  PARLEY_MAX_BODY_BYTES: whole(1024, 1e8).default(262_144),
  PARLEY_MAX_FRAME_BYTES: whole(1024, 1e8).default(65_536),
  PARLEY_SOCKETS_PER_USER: whole(1, 100_000).default(20),
  PARLEY_SOCKETS_PER_ADDRESS: whole(1, 1e6).default(1000),
  PARLEY_SOCKETS_ENTERING: whole(1, 1e6).default(2000),
  PARLEY_SUBSCRIPTIONS_PER_SOCKET: whole(1, 10_000).default(100),
  PARLEY_OPERATIONS_PER_SOCKET: whole(1, 1000).default(20),
  PARLEY_QUEUE_EVENTS: whole(1, 1e6).default(1000),
  PARLEY_QUEUE_BYTES: whole(1024, 1e9).default(1_048_576),
  PARLEY_RATE_SEND: rate.default({ perSecond: 10, burst: 20 }),
  PARLEY_RATE_WRITE: rate.default({ perSecond: 10, burst: 40 }),
  PARLEY_RATE_TYPING: rate.default({ perSecond: 2, burst: 10 }),
  PARLEY_RATE_READ: rate.default({ perSecond: 50, burst: 200 }),
  PARLEY_RATE_SIGN_IN: rate.default({ perSecond: 0.1, burst: 5 }),
  PARLEY_RATE_SIGN_IN_ADDRESS: rate.default({ perSecond: 1, burst: 50 }),
  PARLEY_RATE_SIGN_UP_ADDRESS: rate.default({ perSecond: 0.1, burst: 20 }),
} as const;

const schema = z.object(SETTINGS);

/** The names of all settings, for the README check. */
export const SETTING_NAMES = Object.keys(SETTINGS);

function shape(env: z.infer<typeof schema>) {
  const redis =
    env.REDIS_URL || env.REDIS_CLUSTER_NODES || env.REDIS_SENTINELS
      ? {
          url: env.REDIS_URL ?? null,
          clusterNodes: env.REDIS_CLUSTER_NODES ?? null,
          sentinels: env.REDIS_SENTINELS ?? null,
          sentinelMaster: env.REDIS_SENTINEL_MASTER,
          username: env.REDIS_USERNAME ?? null,
          password: env.REDIS_PASSWORD ?? null,
          tls: env.REDIS_TLS,
        }
      : null;
  const production = env.NODE_ENV === 'production';
  return {
    port: env.PORT,
    host: env.HOST,
    /** Only an explicit NODE_ENV=development shows the originals of unexpected errors. */
    development: env.NODE_ENV === 'development',
    redis,
    dataDir: env.PARLEY_DATA_DIR,
    demo: env.PARLEY_DEMO ?? (redis === null && !production),
    defaultRoom: env.PARLEY_DEFAULT_ROOM.trim(),
    origins: env.PARLEY_ORIGINS,
    /** How many proxies in front append to X-Forwarded-For and are believed; 0 = none. */
    trustProxy: env.PARLEY_TRUST_PROXY,
    /** Introspection and GraphiQL. */
    explorer: env.PARLEY_EXPLORER,
    logLevel: env.PARLEY_LOG_LEVEL,
    limits: {
      /** Timeline entries kept per public or private room; 0 = all. */
      history: env.PARLEY_HISTORY,
      directHistory: env.PARLEY_DIRECT_HISTORY,
      /** The most events one replay carries. */
      replay: env.PARLEY_REPLAY_MAX,
      sessionMs: env.PARLEY_SESSION_DAYS * 86_400_000,
      sessionsPerUser: env.PARLEY_SESSIONS_PER_USER,
      roomsPerUser: env.PARLEY_ROOMS_PER_USER,
      /** Different emoji under one message. */
      emojisPerMessage: 20,
      /** Members a room may be created with. */
      membersAtCreation: 100,
      /** Rooms with more members than this get no presence events: n people coming back at once are n² of them. */
      presenceRoomSize: 200,
      page: env.PARLEY_PAGE_MAX,
      /** Argon2id runs at once, and how many may wait for one. */
      hashing: { concurrent: 2, waiting: 50 },
    },
    document: {
      depth: env.PARLEY_MAX_DEPTH,
      aliases: env.PARLEY_MAX_ALIASES,
      directives: env.PARLEY_MAX_DIRECTIVES,
      tokens: env.PARLEY_MAX_TOKENS,
      cost: env.PARLEY_MAX_COST,
      /** Parsed and validated documents remembered. */
      cached: 1000,
      /** Processor time that documents not seen before may cost, for each address. */
      reading: { burstMs: 3000, perSecondMs: 300 },
    },
    transport: {
      bodyBytes: env.PARLEY_MAX_BODY_BYTES,
      frameBytes: env.PARLEY_MAX_FRAME_BYTES,
      socketsPerUser: env.PARLEY_SOCKETS_PER_USER,
      socketsPerAddress: env.PARLEY_SOCKETS_PER_ADDRESS,
      /** Sockets that wait to be let in; more are told to come back. */
      socketsEntering: env.PARLEY_SOCKETS_ENTERING,
      subscriptionsPerSocket: env.PARLEY_SUBSCRIPTIONS_PER_SOCKET,
      operationsPerSocket: env.PARLEY_OPERATIONS_PER_SOCKET,
      initTimeoutMs: 3000,
      pingMs: 15_000,
      pongMs: 10_000,
      stallMs: 8_000,
      headersTimeoutMs: 10_000,
      requestTimeoutMs: 10_000,
      /** Longer than proxies keep theirs: else one may send into a connection that is just being closed. */
      keepAliveTimeoutMs: 65_000,
      drainMs: 8_000,
    },
    rates: {
      send: env.PARLEY_RATE_SEND,
      write: env.PARLEY_RATE_WRITE,
      typing: env.PARLEY_RATE_TYPING,
      read: env.PARLEY_RATE_READ,
      signInAccount: env.PARLEY_RATE_SIGN_IN,
      signInAddress: env.PARLEY_RATE_SIGN_IN_ADDRESS,
      signUpAddress: env.PARLEY_RATE_SIGN_UP_ADDRESS,
    },
    realtime: {
      queueEvents: env.PARLEY_QUEUE_EVENTS,
      queueBytes: env.PARLEY_QUEUE_BYTES,
      /** How often the head of every watched room and user is asked for: a lost last event has no successor to reveal it. */
      headPollMs: 5000,
      /** Recent events kept per room in memory, by count and by bytes. */
      windowEvents: 256,
      windowBytes: 262_144,
      /** How long a room without subscribers stays watched, for those who come right back. */
      lingerMs: 3000,
      /** The least time between two updates of one membership to one viewer. */
      viewerMergeMs: 250,
      /** The first and the longest wait between tries while the store cannot be read. */
      retryMs: { first: 100, longest: 2000 },
    },
    presence: {
      leaseMs: 35_000,
      renewMs: 12_000,
      /** How long one who left counts as there, for reconnects. */
      graceMs: 7000,
      sweepMs: 1000,
    },
    typingMs: 3000,
  };
}

/** The settings of this process. Throws one ConfigError that names every fault, unknown PARLEY_ names included. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  // An empty default room is a setting of its own: none.
  if (env.PARLEY_DEFAULT_ROOM === '') given.PARLEY_DEFAULT_ROOM = '';
  const faults = Object.keys(given)
    .filter((name) => name.startsWith('PARLEY_') && !(name in SETTINGS))
    .map((name) => `${name}: there is no such setting`);
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) faults.push(`${String(issue.path[0])}: ${issue.message}`);
  }
  const ways = ['REDIS_URL', 'REDIS_CLUSTER_NODES', 'REDIS_SENTINELS'].filter((name) => given[name] !== undefined);
  if (ways.length > 1) faults.push(`${ways.join(' and ')}: set only one of them`);
  if (faults.length > 0 || !parsed.success) {
    throw new ConfigError(`These settings cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
  return deepFreeze(shape(parsed.data));
}

function deepFreeze<T extends object>(value: T): T {
  for (const each of Object.values(value)) if (typeof each === 'object' && each !== null) deepFreeze(each);
  return Object.freeze(value);
}
