import type { GraphQLError, GraphQLSchema } from 'graphql';
import type { Context } from '../context.ts';
import type { Clock } from '../domain/clock.ts';
import type { Hub } from '../realtime/hub.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createAdmission } from './admission.ts';
import { type BudgetOptions, createBudget } from './budget.ts';
import { createCounts } from './counts.ts';
import { createDocuments, type DocumentOptions } from './documents.ts';
import { answer, type Exchange } from './exchange.ts';
import { type Caller, createExecution } from './execution.ts';
import { createGraphiQL } from './graphiql/page.ts';
import { createGraphQLEndpoint } from './graphql-endpoint.ts';
import { createGraphQLHandler } from './graphql-handler.ts';
import { watchHealth } from './health.ts';
import { createHttpServer, type HttpServerOptions, type Route } from './http-server.ts';
import { type Authenticate, createLiveSessions } from './live-session.ts';
import { createPulse } from './pulse.ts';
import { createSocketProtocol } from './socket-protocol.ts';
import { createStreams } from './streams.ts';
import { readWebFiles } from './web-files.ts';
import { createWebSockets, type WebSocketsOptions } from './web-sockets.ts';

/** Everything that speaks to the network. */
export interface Transport {
  /** Resolves with the port once requests are taken. Rejects with a ListenError. */
  listen(port: number, host: string): Promise<number>;
  /**
   * Takes no more, closes sockets with a code on which clients come back, and lets what runs finish within `drainMs`; then cuts what is left.
   * Idempotent.
   */
  close(): Promise<void>;
}

/** What it stands on. */
export interface TransportDeps {
  readonly schema: GraphQLSchema;
  readonly hub: Hub;
  readonly authenticate: Authenticate;
  readonly createContext: (caller: Caller) => Context;
  readonly maskError: (error: GraphQLError) => GraphQLError;
  /** Resolves while the store answers. */
  readonly ping: () => Promise<void>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

/** Its settings; see config.transport and config.document. */
export interface TransportOptions extends HttpServerOptions, Omit<WebSocketsOptions, 'pauseBytes'> {
  readonly document: DocumentOptions & { readonly reading: BudgetOptions };
  readonly bodyBytes: number;
  readonly socketsPerUser: number;
  readonly socketsPerAddress: number;
  /** Sockets that may wait to be let in. */
  readonly socketsEntering: number;
  readonly drainMs: number;
  /** Most bytes that may wait for one reader. */
  readonly queueBytes: number;
  /** Folder of the built web page. */
  readonly webFolder: string;
  /** A room for GraphiQL's opening operations, or null. */
  readonly exampleRoom: string | null;
}

/** Wires the parts; nothing listens yet. */
export async function createTransport(deps: TransportDeps, options: TransportOptions): Promise<Transport> {
  const { schema, hub, authenticate, createContext, maskError, metrics, clock, log } = deps;
  const health = watchHealth(deps.ping, clock);
  const pulse = createPulse(clock);
  const admission = createAdmission(options.socketsEntering);
  const addresses = createCounts(options.socketsPerAddress);
  const users = createCounts(options.socketsPerUser);
  const onRefused = metrics.socketRefused;
  const documents = createDocuments(schema, options.document, createBudget(clock, options.document.reading));
  const execution = createExecution({
    schema,
    documents,
    createContext,
    maskError,
    observe: metrics.operation,
    clock,
    closing: () => closing !== null,
  });
  const sessions = createLiveSessions({ authenticate, hub, take: users.take, clock });
  const streams = createStreams({ execution, sessions, addresses, pulse, pingMs: options.pingMs, onRefused });
  const protocol = createSocketProtocol({ execution, hub, sessions, admission, onRefused, log });
  const sockets = createWebSockets(
    { protocol, admission, addresses, pulse, clock, onRefused, onSlow: metrics.slow, log },
    { ...options, pauseBytes: options.queueBytes },
  );
  const graphql = createGraphQLEndpoint({
    handler: createGraphQLHandler(execution),
    streams,
    authenticate,
    log,
    bodyBytes: options.bodyBytes,
  });
  const graphiql = createGraphiQL(options.exampleRoom);
  const files = await readWebFiles(options.webFolder);

  metrics.read({
    connections: () => sockets.size + streams.size,
    subscriptions: () => sockets.subscriptions + streams.size,
    queueBytes: () => hub.held.queuedBytes,
    storeLink: () => health.storeAnswers,
  });

  const routes: Readonly<Record<string, Route>> = {
    '/graphql': graphql,
    '/healthz': (exchange) => plain(exchange, 200, 'alive'),
    '/readyz': (exchange) => (health.ready ? plain(exchange, 200, 'ready') : plain(exchange, 503, 'not ready')),
    '/metrics': async (exchange) =>
      answer(exchange, 200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }, await metrics.text()),
    ...(options.document.explorer && { '/graphiql': async (exchange: Exchange) => (await graphiql()).serve(exchange) }),
  };
  const route = (path: string): Route | null =>
    (Object.hasOwn(routes, path) ? routes[path] : undefined) ?? files.get(path)?.serve ?? null;
  const server = createHttpServer({ route, upgrade: sockets.upgrade }, options, log);

  async function close(): Promise<void> {
    health.drain();
    const gone = server.stop();
    streams.close();
    await Promise.race([Promise.all([gone, sockets.drain(), execution.idle()]), after(clock, options.drainMs)]);
    sockets.close();
    await server.close();
    pulse.close();
    health.close();
  }

  let closing: Promise<void> | null = null;
  return {
    listen: server.listen,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

const plain = (exchange: Exchange, status: number, text: string): void =>
  answer(exchange, status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }, `${text}\n`);

const after = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
