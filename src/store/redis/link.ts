import { Cluster } from 'ioredis';
import { unavailable } from '../../domain/errors.ts';
import { type Client, COMMAND_MS, closeClient, HEARTBEAT_MS } from './clients.ts';
import { asStoreError } from './failures.ts';
import { createGather } from './gather.ts';

/** A connection (to a cluster: one to each node) on which commands are sent; those of one turn of the event loop leave together. */
export interface Link {
  /**
   * Sends what `send` sends, at most once; where the link has just gone down, after waiting for it a moment. Rejects with UNAVAILABLE
   * within seconds where that cannot be; what was sent by then may have been carried out. `again` may send something else where Redis has refused the first.
   * `work`: as how many commands it counts (1).
   */
  run<T>(send: Send<T>, again?: SendAgain<T>, work?: number): Promise<T>;
  /** Calls when this turn of the event loop ends, before what was sent in it leaves. */
  atTurnEnd(call: () => void): void;
  readonly up: boolean;
  /** The last error of a connection, for the log; null where there was none. */
  readonly reason: string | null;
  /** Calls on every change. */
  onChange(listener: () => void): void;
  /** Resolves when connected; rejects with UNAVAILABLE and the last error as its cause after `ms`. */
  ready(ms: number): Promise<void>;
  /** Finishes what runs, takes nothing new, disconnects. Idempotent. */
  close(): Promise<void>;
}

type Send<T> = (client: Client) => Promise<T>;
/** Null where there is nothing else to send. */
type SendAgain<T> = (client: Client, error: Error) => Promise<T> | null;

/** A restart of Redis that takes no longer than this goes unnoticed by callers. */
const BRIDGE_MS = 2000;
/** However a command is sent on by the client of a cluster (moved slots, cluster down), after this its caller is told. */
const DEADLINE_MS = 3000;

/** How late a timer comes where this process was held up. */
const HELD_UP_MS = 500;

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** Wraps a client. It is the link's from now on. */
export function createLink(client: Client): Link {
  const listeners = new Set<() => void>();
  const waiters = new Set<Waiter>();
  const gather = createGather(client);
  // A single server answers each command within COMMAND_MS or not at all.
  const bounded = client instanceof Cluster;
  let running = 0;
  let closed = false;
  let up = client.status === 'ready';
  let downSince = performance.now();
  let lastError: Error | null = null;
  let nodeError: Error | null = null;
  let onIdle: (() => void) | null = null;

  function changed(now: boolean): void {
    if (up === now) return;
    up = now;
    downSince = performance.now();
    for (const listener of listeners) listener();
  }

  client.on('ready', () => {
    changed(true);
    for (const waiter of [...waiters]) waiter.resolve();
  });
  client.on('close', () => changed(false));
  client.on('end', () => changed(false));
  client.on('error', (error: Error) => {
    // A cluster client says "Failed to refresh slots cache"; what went wrong with a node says more.
    lastError =
      error.name === 'ClusterAllFailedError' ? (nodeError ?? new Error('no node of the cluster can be reached')) : error;
  });
  client.on('node error', (error: Error) => {
    if (error.message !== 'Connection is closed.') nodeError = error;
  });

  function ready(ms: number): Promise<void> {
    if (client.status === 'ready') return Promise.resolve();
    if (ms <= 0 || closed) return Promise.reject(unavailable(lastError));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => waiter.reject(unavailable(lastError)), ms);
      const settled = (settle: () => void) => {
        clearTimeout(timer);
        waiters.delete(waiter);
        settle();
      };
      const waiter: Waiter = {
        resolve: () => settled(resolve),
        reject: (error) => settled(() => reject(error)),
      };
      waiters.add(waiter);
    });
  }

  function run<T>(send: Send<T>, again?: SendAgain<T>, work = 1): Promise<T> {
    if (closed) return Promise.reject(unavailable());
    if (client.status === 'ready') return sendNow(send, again, work);
    return ready(downSince + BRIDGE_MS - performance.now()).then(() => sendNow(send, again, work));
  }

  // One promise more for each command is noticed.
  function sendNow<T>(send: Send<T>, again?: SendAgain<T>, work = 1): Promise<T> {
    const sent = gather.send(send, work);
    running += 1;
    return (bounded ? within(DEADLINE_MS, sent) : sent).then(
      (answer) => {
        done();
        return answer;
      },
      (error: unknown) => {
        const other = error instanceof Error ? again?.(client, error) : null;
        // Under way before this one counts as done, lest the link close in between.
        const sent = other ? sendNow(() => other) : null;
        done();
        if (sent !== null) return sent;
        throw asStoreError(error);
      },
    );
  }

  function done(): void {
    running -= 1;
    if (running === 0) onIdle?.();
  }

  const stopHeartbeat = startHeartbeat(client);

  return {
    run,
    atTurnEnd: gather.atEnd,
    get up() {
      return up && client.status === 'ready';
    },
    get reason() {
      return lastError?.message ?? null;
    },
    onChange: (listener) => void listeners.add(listener),
    ready,
    async close() {
      if (closed) return;
      gather.end();
      closed = true;
      stopHeartbeat();
      listeners.clear();
      for (const waiter of [...waiters]) waiter.reject(unavailable());
      if (running > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
      closeClient(client);
    },
  };
}

/** Rejects after `ms` what has not settled by then. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`Redis gave no answer within ${ms} ms`));
    // Where this process itself was held up, the answer may lie here unread: it is read before that.
    const timer = setTimeout(() => setImmediate(late), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * Finds a connection whose other end is gone without a word, which otherwise takes the better part of a minute: asks every HEARTBEAT_MS and
 * cuts it where no answer comes. Returns its end.
 */
export function startHeartbeat(client: Client): () => void {
  const asked = new Set<object>();
  const timer = setInterval(() => {
    for (const connection of 'nodes' in client ? client.nodes() : [client]) {
      if (connection.status !== 'ready' || asked.has(connection)) continue;
      asked.add(connection);
      const at = performance.now();
      // An answer that is an error is an answer. Where this process itself was held up, it says nothing of the other end: then it is asked again.
      const dead = (error: Error) => {
        if (error.name === 'ReplyError' || connection.status !== 'ready') return;
        if (performance.now() - at < COMMAND_MS + HELD_UP_MS) connection.disconnect(connection === client);
      };
      within(COMMAND_MS, connection.ping())
        .catch(dead)
        .finally(() => asked.delete(connection));
    }
  }, HEARTBEAT_MS).unref();
  return () => clearInterval(timer);
}
