import path from 'node:path';
import type { Config } from './config.ts';
import { systemClock } from './domain/clock.ts';
import { DomainError } from './domain/errors.ts';
import type { Store } from './ports/store.ts';
import { createHub } from './realtime/create-hub.ts';
import { createMaskError } from './resolvers/errors.ts';
import { createSchema } from './schema/index.ts';
import { defaultRoomId } from './services/default-room.ts';
import { createHasher, createServices } from './services/index.ts';
import { createEmbeddedStore, DataDirectoryError } from './store/embedded/index.ts';
import { createRedisStore } from './store/redis/index.ts';
import { createLog, type Log } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { createTransport } from './transport/create-transport.ts';
import { ListenError } from './transport/http-server.ts';

/** A whole server in one process. */
export interface App {
  /** Serves. Resolves with where; rejects with a ListenError where the port cannot be had. */
  listen(): Promise<{ readonly port: number; readonly url: string }>;
  /**
   * Takes no more, closes sockets with a code on which clients come back, finishes what runs, lets go of the store. Idempotent; takes some
   * seconds at most.
   */
  close(): Promise<void>;
  readonly log: Log;
  /** For tests and benches: the store that everything stands on. */
  readonly store: Store;
}

/** What tests put in place of the usual. */
export interface AppOverrides {
  readonly store?: Store;
  readonly log?: Log;
}

/** Whether a start failed for a reason that its message tells whoever runs the server: nothing is wrong with the program. */
export const isStartFault = (error: unknown): error is Error =>
  error instanceof ListenError || error instanceof DataDirectoryError || error instanceof RedisError;

/** Redis cannot be used; the message says why. */
class RedisError extends Error {
  override readonly name = 'RedisError';
}

/** Wires the rooms from the store up. What had been opened is closed again where something fails on the way. */
export async function createApp(config: Config, overrides: AppOverrides = {}): Promise<App> {
  const log = overrides.log ?? createLog(config.logLevel);
  const metrics = createMetrics();
  const store = overrides.store ?? (await openStore(config, log, metrics));
  try {
    return await wire(config, store, log, metrics);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openStore({ redis, dataDir }: Config, log: Log, metrics: Metrics): Promise<Store> {
  if (redis === null) return createEmbeddedStore({ dataDir, log });
  try {
    return await createRedisStore({ redis, log, observe: { onUnreadable: metrics.unreadable } });
  } catch (error) {
    // Where Redis is, with its password, stays out of it; what went wrong says the cause.
    const cause = error instanceof DomainError ? error.cause : error;
    throw new RedisError(`Redis cannot be used: ${cause instanceof Error ? cause.message : 'it does not answer'}`, {
      cause: error,
    });
  }
}

async function wire(config: Config, store: Store, log: Log, metrics: Metrics): Promise<App> {
  const { limits, realtime, presence, transport: bounds } = config;
  const services = createServices({ store, config, hasher: createHasher(limits.hashing), log });
  await services.prepare();
  const hub = createHub(
    {
      store,
      clock: systemClock,
      observe: metrics,
      onError: (error) => log.warn({ err: error }, 'live delivery failed for now'),
    },
    { ...realtime, replay: limits.replay, presence: { ...presence, roomSize: limits.presenceRoomSize } },
  );
  const transport = await createTransport(
    {
      schema: createSchema(),
      hub,
      authenticate: services.auth.authenticate,
      createContext({ viewer, client, room }) {
        const loaders = services.loaders();
        return room ? { viewer, client, services, hub, loaders, room } : { viewer, client, services, hub, loaders };
      },
      maskError: createMaskError({ development: config.development, log }),
      ping: () => store.ping(),
      metrics,
      clock: systemClock,
      log,
    },
    {
      ...bounds,
      document: { ...config.document, explorer: config.explorer },
      origins: config.origins,
      proxies: config.trustProxy,
      queueBytes: realtime.queueBytes,
      webFolder: path.join(import.meta.dirname, '..', 'dist', 'web'),
      exampleRoom: config.defaultRoom === '' ? null : defaultRoomId(config.defaultRoom),
    },
  );

  async function close(): Promise<void> {
    await transport.close();
    await hub.close();
    await store.close();
  }

  let closing: Promise<void> | null = null;
  return {
    async listen() {
      const port = await transport.listen(config.port, config.host);
      log.info({ host: config.host, port, store: store.kind }, 'listening');
      return { port, url: `http://${hostInUrl(config.host)}:${port}` };
    },
    close() {
      closing ??= close();
      return closing;
    },
    log,
    store,
  };
}

/** A host to click on: a server that listens everywhere is found on this machine. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
