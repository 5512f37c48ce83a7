import { Cluster, type Redis } from 'ioredis';
import type { Client } from './clients.ts';

/**
 * Commands in one write to one server. More would save little, and Redis would wait for the last of them while it could work on the first. With half as
 * many a message is sent sooner, but the events of a burst come back in more pieces, and so leave in more writes to each of their readers.
 */
export const TOGETHER = 16;

/** Holds back what is sent on a client; see {@link createGather}. */
export interface Gather {
  /** Sends what `send` sends, which counts as so many commands. */
  send<T>(send: (client: Client) => T, work: number): T;
  /** Calls when this turn ends, before what is held back leaves. */
  atEnd(send: () => void): void;
  /** Ends the turn now. */
  end(): void;
}

/**
 * Holds back what is sent on a client until this turn of the event loop ends, or until there are a few, so that it leaves in one write for each connection:
 * the cost of a command is mostly the system calls, here and in Redis. Unlike a pipeline, every command stays one of its own, with its own answer and its
 * own way through a cluster.
 */
export function createGather(client: Client): Gather {
  let held: Redis['stream'][] = [];
  let sends: (() => void)[] = [];
  let gathered = 0;
  let scheduled = false;

  function release(): void {
    const streams = held;
    held = [];
    gathered = 0;
    for (const stream of streams) stream.uncork();
  }

  function end(): void {
    const all = sends;
    sends = [];
    for (const send of all) send();
    scheduled = false;
    release();
  }

  function hold(): void {
    if (held.length > 0) return;
    held = (client instanceof Cluster ? client.nodes() : [client]).flatMap(({ stream }) => stream ?? []);
    for (const stream of held) stream.cork();
    if (held.length > 0) schedule();
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(end);
  }

  return {
    send(send, work) {
      hold();
      const sent = send(client);
      gathered += work;
      // Which server a command goes to is not known here; on a cluster they spread.
      if (gathered >= TOGETHER * held.length) release();
      return sent;
    },
    atEnd(send) {
      sends.push(send);
      schedule();
    },
    end,
  };
}
