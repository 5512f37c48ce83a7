import { Cluster, type Redis } from 'ioredis';
import { type Client, openNode, openSingle } from './clients.ts';
import type { RedisSettings } from './options.ts';
import { keySlot } from './slot.ts';

/** Where channels are to be listened to: on the one server, or each on the node that owns its slot. */
export interface Route {
  /** Whether channels are sharded (SSUBSCRIBE) or not (SUBSCRIBE). */
  readonly sharded: boolean;
  /** The name of the server that has the channel now; null while none is known. */
  owner(channel: string): string | null;
  /** Opens a connection to it; null where it is not known. */
  open(owner: string): Redis | null;
  /** Whether a connection that is lost comes back by itself. */
  readonly lasting: boolean;
  /** Finds out anew who has what; calls `onChange` when it knows. */
  refresh(): void;
  /** Calls whenever owners may have changed. */
  onChange(listener: () => void): void;
}

/** The route to the servers that `client` talks to. */
export const createRoute = (client: Client, settings: RedisSettings): Route =>
  client instanceof Cluster ? clusterRoute(client) : singleRoute(settings);

function singleRoute(settings: RedisSettings): Route {
  return {
    sharded: false,
    lasting: true,
    owner: () => 'the server',
    open: () => openSingle(settings, 'feed'),
    refresh: () => {},
    onChange: () => {},
  };
}

function clusterRoute(cluster: Cluster): Route {
  return {
    sharded: true,
    lasting: false,
    owner: (channel) => cluster.slots[keySlot(channel)]?.[0] ?? null,
    open: (owner) => openNode(cluster, owner, 'feed'),
    refresh: () => cluster.refreshSlotsCache(),
    onChange: (listener) => void cluster.on('refresh', listener),
  };
}
