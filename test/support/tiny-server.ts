import { rm } from 'node:fs/promises';
import { GraphQLBoolean, GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import type { Context } from '../../src/context.ts';
import { DomainError, unauthenticated } from '../../src/domain/errors.ts';
import type { Hub } from '../../src/realtime/hub.ts';
import { createMaskError } from '../../src/resolvers/errors.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createTransport, type TransportOptions } from '../../src/transport/create-transport.ts';
import type { Authenticated } from '../../src/transport/live-session.ts';
import { endAfterTest } from './leftovers.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { temporaryDirectory } from './stores.ts';

/** A source of events that the test drives. */
export interface Source extends AsyncIterableIterator<unknown> {
  push(event: unknown): void;
  fail(error: unknown): void;
  finish(): void;
  readonly ended: boolean;
  /** Events pushed and not pulled yet. */
  readonly backlog: number;
}

/** The transport over a schema of a few fields, a hub of the test's own, and a clock that moves only when told. */
export interface TinyServer {
  readonly url: string;
  readonly clock: ManualClock;
  /** Sessions by token. Change it to end, expire or add some. */
  readonly sessions: Map<string, Authenticated>;
  /** Ends a session as sign-out on some node would: it is gone, and those who watch it are told. */
  revoke(token: string): void;
  /** The sources of subscriptions, oldest first. */
  readonly sources: readonly Source[];
  /** How often `slow` was asked, and the way to let all of it go on. */
  readonly slow: { readonly waiting: number; release(): void };
  /** Sessions being watched, users present. */
  readonly held: { readonly watches: number; readonly present: number };
  /** All that was logged. */
  readonly lines: readonly string[];
  /** What every call of authenticate does before it answers. */
  beforeAuthenticate: (() => Promise<void>) | null;
  /** The version of the user when a watch of a session began; null where it is not read then. */
  versionAtWatch: number | null;
  pingFails: boolean;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

const OPTIONS: Omit<TransportOptions, 'webFolder'> = {
  document: {
    depth: 10,
    aliases: 15,
    directives: 10,
    tokens: 1000,
    cost: 5000,
    cached: 100,
    explorer: true,
    reading: { burstMs: 60_000, perSecondMs: 300 },
  },
  origins: ['https://friend.example'],
  proxies: 0,
  bodyBytes: 10_000,
  frameBytes: 65_536,
  socketsPerUser: 5,
  socketsPerAddress: 50,
  socketsEntering: 100,
  subscriptionsPerSocket: 10,
  operationsPerSocket: 5,
  initTimeoutMs: 3000,
  pingMs: 15_000,
  pongMs: 10_000,
  stallMs: 8000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5_000,
  drainMs: 2000,
  queueBytes: 262_144,
  exampleRoom: null,
};

/** A session for tests. */
export const sessionOf = (name: string, remainingMs = 3_600_000): Authenticated => ({
  userId: `user-${name}`,
  username: name,
  displayName: name,
  sessionId: `session-${name}`,
  tokenHash: `hash-${name}`,
  remainingMs,
  version: 0,
});

/** Starts one on a free port; it is ended after the test. */
export async function startTinyServer(overrides: Partial<TransportOptions> = {}): Promise<TinyServer> {
  const clock = createManualClock();
  const sessions = new Map([
    ['alice-token', sessionOf('alice')],
    ['bob-token', sessionOf('bob')],
  ]);
  const watches = new Set<{ readonly sessionId: string; readonly onRevoked: () => void }>();
  const sources: Source[] = [];
  const slow: (() => void)[] = [];
  const lines: string[] = [];
  let present = 0;
  const hub: Hub = {
    roomEvents: () => unused(),
    viewerEvents: () => unused(),
    standing: () => unused(),
    isMember: () => unused(),
    async watchSession(watch) {
      watches.add(watch);
      return { version: server.versionAtWatch, end: () => void watches.delete(watch) };
    },
    present() {
      present += 1;
      return () => {
        present -= 1;
      };
    },
    held: { rooms: 0, users: 0, subscribers: 0, queuedBytes: 0 },
    close: async () => {},
  };
  const log = createLog('debug', { write: (line) => lines.push(line) });
  const metrics = createMetrics();
  const webFolder = await temporaryDirectory();
  endAfterTest(() => rm(webFolder, { recursive: true, force: true }));

  const server: TinyServer = {
    url: '',
    clock,
    sessions,
    revoke(token) {
      const session = sessions.get(token);
      sessions.delete(token);
      for (const watch of watches) if (watch.sessionId === session?.sessionId) watch.onRevoked();
    },
    sources,
    slow: {
      get waiting() {
        return slow.length;
      },
      release() {
        for (const go of slow.splice(0)) go();
      },
    },
    get held() {
      return { watches: watches.size, present };
    },
    lines,
    beforeAuthenticate: null,
    versionAtWatch: null,
    pingFails: false,
    metrics: () => metrics.text(),
    close: () => transport.close(),
  };
  const transport = await createTransport(
    {
      schema: tinySchema(sources, slow),
      hub,
      async authenticate(token) {
        await server.beforeAuthenticate?.();
        return sessions.get(token) ?? null;
      },
      createContext: ({ viewer, client }) => ({
        viewer,
        client,
        hub,
        // The schema here touches neither.
        get services() {
          return unused();
        },
        get loaders() {
          return unused();
        },
      }),
      maskError: createMaskError({ development: false, log }),
      ping: async () => {
        if (server.pingFails) throw new Error('no answer');
      },
      metrics,
      clock,
      log,
    },
    { ...OPTIONS, webFolder, ...overrides },
  );
  endAfterTest(async () => {
    for (const go of slow.splice(0)) go();
    const closing = transport.close();
    // Nobody waits for readers that do not answer.
    await Promise.resolve();
    clock.advance(60_000);
    await closing;
  });
  const port = await transport.listen(0, '127.0.0.1');
  return Object.assign(server, { url: `http://127.0.0.1:${port}` });
}

function unused(): never {
  throw new Error('not part of this test');
}

function createSource(): Source {
  const events: unknown[] = [];
  let wake = () => {};
  let ended = false;
  let fault: { readonly error: unknown } | null = null;
  return {
    push(event) {
      events.push(event);
      wake();
    },
    fail(error) {
      fault = { error };
      wake();
    },
    finish() {
      ended = true;
      wake();
    },
    get ended() {
      return ended;
    },
    get backlog() {
      return events.length;
    },
    async next() {
      for (;;) {
        if (ended) return { done: true, value: undefined };
        if (events.length > 0) return { done: false, value: events.shift() };
        if (fault !== null) throw fault.error;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async return() {
      ended = true;
      wake();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function tinySchema(sources: Source[], slow: (() => void)[]): GraphQLSchema {
  const text = { type: GraphQLString };
  const thing: GraphQLObjectType = new GraphQLObjectType({
    name: 'Thing',
    fields: () => ({
      name: text,
      thing: { type: thing, resolve: () => ({ name: 'thing' }) },
    }),
  });
  return new GraphQLSchema({
    query: new GraphQLObjectType<unknown, Context>({
      name: 'Query',
      fields: {
        hello: { ...text, resolve: () => 'world' },
        echo: { ...text, args: { text: { type: new GraphQLNonNull(GraphQLString) } }, resolve: (_root, { text: said }) => said },
        count: { type: GraphQLInt, args: { upTo: { type: GraphQLInt } }, resolve: (_root, { upTo }) => upTo },
        whoami: { ...text, resolve: (_root, _args, { viewer }) => viewer?.username ?? null },
        address: { ...text, resolve: (_root, _args, { client }) => client.address },
        refused: {
          ...text,
          resolve: () => {
            throw new DomainError('RATE_LIMITED', 'Slow down.', { retryAfterMs: 10 });
          },
        },
        broken: {
          ...text,
          resolve: () => {
            throw new Error('redis://secret:6379 at /home/somebody/file.ts');
          },
        },
        slow: { ...text, resolve: () => new Promise((resolve) => slow.push(() => resolve('done'))) },
        thing: { type: thing, resolve: () => ({ name: 'thing' }) },
      },
    }),
    mutation: new GraphQLObjectType<unknown, Context>({
      name: 'Mutation',
      fields: {
        signIn: {
          ...text,
          resolve: (_root, _args, { client }) => {
            client.setWebSession?.('alice-token', 1_900_000_000_000);
            return 'alice-token';
          },
        },
        signOut: {
          type: GraphQLBoolean,
          resolve: (_root, _args, { client }) => {
            client.setWebSession?.(null, 0);
            return true;
          },
        },
        slow: { ...text, resolve: () => new Promise((resolve) => slow.push(() => resolve('done'))) },
      },
    }),
    subscription: new GraphQLObjectType<unknown, Context>({
      name: 'Subscription',
      fields: {
        events: {
          ...text,
          subscribe: (_root, _args, { viewer }) => {
            if (viewer === null) throw unauthenticated();
            const source = createSource();
            sources.push(source);
            return source;
          },
          resolve: (event: unknown) => String(event),
        },
        open: {
          ...text,
          args: { slowAt: { type: GraphQLInt } },
          subscribe: (_root, { slowAt }, { client }) => {
            const source = createSource();
            sources.push(source);
            const push = source.push;
            // What the hub does where a reader's queue is full.
            return Object.assign(source, {
              push(event: unknown) {
                if (typeof slowAt === 'number' && source.backlog >= slowAt) client.closeSlow();
                push(event);
              },
            });
          },
          resolve: (event: unknown) => String(event),
        },
      },
    }),
  });
}
