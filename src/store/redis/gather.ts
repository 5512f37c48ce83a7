import { Cluster, type Redis } from 'ioredis';
import type { Client } from './clients.ts';

/**
 * Holds back what is sent on a client until this turn of the event loop ends, so that it leaves in one write for each connection: the cost of a command
 * is mostly the system calls, here and in Redis. Unlike a pipeline, every command stays one of its own, with its own answer and its own way
 * through a cluster. The returned function is called before something is sent.
 */
export function createGather(client: Client): () => void {
  let held: Redis['stream'][] = [];

  function release(): void {
    const streams = held;
    held = [];
    for (const stream of streams) stream.uncork();
  }

  return () => {
    if (held.length > 0) return;
    held = (client instanceof Cluster ? client.nodes() : [client]).flatMap(({ stream }) => stream ?? []);
    for (const stream of held) stream.cork();
    if (held.length > 0) setImmediate(release);
  };
}
