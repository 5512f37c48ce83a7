import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisSettings } from './options.ts';

/** Either kind of ioredis client. */
export type Client = Redis | Cluster;

/** How long a command may take, and a connection to be made, before it counts as failed. */
export const COMMAND_MS = 2000;

/** How long Redis may be silent before a connection is taken for dead: asked this often, given COMMAND_MS to answer. */
export const HEARTBEAT_MS = 2000;

const RETRY_FIRST_MS = 50;
const RETRY_LONGEST_MS = 1000;

/** Waits before trying to connect again: doubling, capped, and spread, so that processes do not come back in step. Never gives up. */
export function backoffMs(attempt: number): number {
  const full = Math.min(RETRY_FIRST_MS * 2 ** Math.min(attempt - 1, 10), RETRY_LONGEST_MS);
  return Math.round(full * (0.5 + Math.random() / 2));
}

/**
 * What every connection has in common. A command is carried out at most once for each call: ioredis by default sends unanswered ones again
 * after a reconnect, and then Redis runs them twice. And nothing waits unseen: no offline queue, no pending promise after
 * COMMAND_MS.
 */
const COMMON = {
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  // Subscriptions are renewed by the subscriber, which sees whether that worked.
  autoResubscribe: false,
  commandTimeout: COMMAND_MS,
  connectTimeout: COMMAND_MS,
  // A dead peer does not answer a polite goodbye.
  disconnectTimeout: 100,
  keepAlive: 5000,
  maxLoadingRetryTime: 100,
  disableClientInfo: true,
  // A master that has become a replica: go and find the new one. The command was refused, so nothing happened.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions;

function parseNode(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

function credentials({ username, password, tls }: RedisSettings) {
  return { ...(username !== null && { username }), ...(password !== null && { password }), ...(tls && { tls: {} }) };
}

/** Opens a client. `name` is what CLIENT LIST shows. */
export function openClient(settings: RedisSettings, name: string): Client {
  return settings.clusterNodes ? openCluster(settings, name) : openSingle(settings, name);
}

/** Opens a connection to a single server, or by Sentinel to the present master. */
export function openSingle(settings: RedisSettings, name: string): Redis {
  const options = {
    ...COMMON,
    ...credentials(settings),
    connectionName: `parley:${name}`,
    retryStrategy: backoffMs,
  };
  if (!settings.sentinels) return lasting(new Redis(settings.url ?? '', options));
  // Without ioredis's failover detector: it cuts connections that have found the new master by themselves. Sentinel cuts those to a
  // master that it demotes, the heartbeat those to one that is gone.
  const sentinels = settings.sentinels.map(parseNode);
  const master = { name: settings.sentinelMaster, enableTLSForSentinelMode: settings.tls };
  return lasting(new Redis({ ...options, ...master, sentinels, sentinelRetryStrategy: backoffMs }));
}

const given = new WeakSet<Client>();

/** Connects again where ioredis gives up for good, as it does when a connection is cut while it still asks Sentinel for the master. */
function lasting(client: Redis): Redis {
  client.on('end', () => {
    if (given.has(client)) return;
    setTimeout(() => {
      if (!given.has(client) && client.status === 'end') client.connect().catch(() => {});
    }, RETRY_LONGEST_MS).unref();
  });
  return client;
}

/** Gives a client up: it disconnects and does not come back. */
export function closeClient(client: Client): void {
  given.add(client);
  client.disconnect();
}

function openCluster(settings: RedisSettings, name: string): Cluster {
  return new Cluster((settings.clusterNodes ?? []).map(parseNode), {
    // Commands on a connection that was lost fail; ioredis would send them again after a while.
    retryDelayOnFailover: 0,
    // These were refused, not carried out, so they may be sent again: within COMMAND_MS.
    retryDelayOnClusterDown: 100,
    retryDelayOnTryAgain: 50,
    // How soon a moved slot is noticed by a process that only listens.
    slotsRefreshInterval: 5000,
    slotsRefreshTimeout: COMMAND_MS,
    clusterRetryStrategy: backoffMs,
    // Certificates are checked against the names of nodes, so these must not be looked up before.
    ...(settings.tls && { dnsLookup: (address, callback) => callback(null, address) }),
    redisOptions: { ...COMMON, ...credentials(settings), connectionName: `parley:${name}` },
  });
}

/** A connection to one master of a cluster, like those the cluster client has. Does not reconnect: its slots may be elsewhere by then. */
export function openNode(cluster: Cluster, nodeKey: string, name: string): Redis | null {
  const node = cluster.nodes('master').find(({ options }) => `${options.host}:${options.port}` === nodeKey);
  if (!node) return null;
  const connection = node.duplicate({
    ...COMMON,
    connectionName: `parley:${name}`,
    retryStrategy: () => null,
    lazyConnect: true,
    readOnly: false,
  });
  connection.on('error', () => {});
  connection.connect().catch(() => {});
  return connection;
}
