import type { RedisSettings } from '../../src/store/redis/options.ts';
import { type RedisServer, redisSettings, startRedis } from './redis-server.ts';
import { waitFor } from './wait-for.ts';

/** A cluster of masters without replicas. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  /** Settings of a store on it. */
  readonly redis: RedisSettings;
  /** Resolves when every node says that all slots are served. */
  healthy(): Promise<void>;
  /** Ends all nodes and removes their directories. */
  stop(): Promise<void>;
}

const SLOTS = 16_384;

/** Starts a cluster of three masters on free ports, slots shared out. The caller stops it. */
export async function startCluster({
  size = 3,
  settings: further = {},
}: {
  readonly size?: number;
  readonly settings?: Readonly<Record<string, string>>;
} = {}): Promise<RedisCluster> {
  const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000', ...further };
  const nodes = await Promise.all(Array.from({ length: size }, () => startRedis({ settings })));

  async function healthy(): Promise<void> {
    const isHealthy = async (node: RedisServer) => {
      const info = await node.command('CLUSTER', 'INFO').catch(() => '');
      return (
        info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${size}`) && info.includes(`cluster_size:${size}`)
      );
    };
    await waitFor(async () => (await Promise.all(nodes.map(isHealthy))).every(Boolean), {
      what: 'a cluster with all its slots',
      timeoutMs: 30_000,
    });
  }

  try {
    await Promise.all(nodes.map((node, index) => join(node, index, nodes)));
    await healthy();
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop()));
    throw error;
  }
  return {
    nodes,
    redis: redisSettings({ clusterNodes: nodes.map(({ port }) => `127.0.0.1:${port}`) }),
    healthy,
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function join(node: RedisServer, index: number, nodes: readonly RedisServer[]): Promise<void> {
  const first = Math.floor((SLOTS * index) / nodes.length);
  const last = Math.floor((SLOTS * (index + 1)) / nodes.length) - 1;
  // Epochs of their own from the start: nodes that have to sort out a collision first take seconds to agree.
  await node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  await node.command('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last));
  for (const other of nodes) if (other !== node) await node.command('CLUSTER', 'MEET', '127.0.0.1', String(other.port));
}
