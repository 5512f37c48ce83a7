import { Cluster } from 'ioredis';
import type { Client } from './clients.ts';
import type { StoreLog } from './options.ts';

const OLDEST = 7;

/**
 * Looks at every master once, at the start. Throws where one is too old for the scripts or is not what the settings say; warns where one may throw data away, since the
 * store still works until it does.
 */
export async function checkServers(client: Client, log: StoreLog): Promise<void> {
  const servers = client instanceof Cluster ? client.nodes('master') : [client];
  for (const server of servers) {
    const [about, memory] = await Promise.all([server.info('server'), server.info('memory')]);
    requireVersion(fieldOf(about, 'redis_version'));
    if (fieldOf(about, 'redis_mode') === 'cluster' && !(client instanceof Cluster)) {
      throw new Error('This server is a node of a cluster; name its nodes in REDIS_CLUSTER_NODES instead.');
    }
    const policy = fieldOf(memory, 'maxmemory_policy');
    if (policy === 'noeviction' || policy === '') continue;
    log.warn(
      { policy, server: `${server.options.host}:${server.options.port}` },
      'REDIS WILL DELETE MESSAGES: its maxmemory-policy evicts keys when memory runs out. Set maxmemory-policy to noeviction.',
    );
  }
}

const fieldOf = (info: string, name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';

function requireVersion(version: string): void {
  if (Number.parseInt(version, 10) < OLDEST) throw new Error(`Redis ${OLDEST} or later is needed; this server is ${version}.`);
}
