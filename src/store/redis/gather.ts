import { Cluster, type Redis } from 'ioredis';
import type { Client } from './clients.ts';

// Commands in one write to one server. More would save little, and Redis would wait for the last of them while it could work on the first. With half as
// many a message is sent sooner, but the events of a burst come back in more pieces, and so leave in more writes to each of their readers.
const TOGETHER = 16;

/**
 * Holds back what is sent on a client until this turn of the event loop ends, or until there are a few, so that it leaves in one write for each connection:
 * the cost of a command is mostly the system calls, here and in Redis. Unlike a pipeline, every command stays one of its own, with its own answer and its
 * own way through a cluster. The returned function is called before something is sent.
 */
export function createGather(client: Client): () => void {
  let held: Redis['stream'][] = [];
  let commands = 0;
  let scheduled = false;

  function release(): void {
    const streams = held;
    held = [];
    commands = 0;
    for (const stream of streams) stream.uncork();
  }

  function hold(): void {
    held = (client instanceof Cluster ? client.nodes() : [client]).flatMap(({ stream }) => stream ?? []);
    for (const stream of held) stream.cork();
    if (scheduled || held.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      release();
    });
  }

  return () => {
    // Which server a command goes to is not known here; on a cluster they spread.
    if (commands === TOGETHER * held.length) release();
    if (held.length === 0) hold();
    commands += 1;
  };
}
