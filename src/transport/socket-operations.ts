import type { ResultStream } from './execution.ts';

/** The operations of one socket: how many run, and what must end when it closes. */
export interface SocketOperations {
  /** Takes a place for an operation of that kind; null where the socket has as many as it may. The returned function gives it back, once. */
  take(kind: 'subscription' | 'other'): (() => void) | null;
  /** The same stream, watched over until it has ended; ended at once where the socket has closed already. */
  watch(stream: ResultStream): ResultStream;
  /** Queries and mutations that run. */
  readonly running: number;
  readonly subscriptions: number;
  /** Ends all streams; later ones end at once. */
  close(): void;
}

/** The bounds of one socket; see config.transport. */
export interface SocketBounds {
  readonly subscriptionsPerSocket: number;
  readonly operationsPerSocket: number;
}

/**
 * graphql-ws knows streams by the client's operation ids, and a client that uses an id again too early makes it forget one. So
 * they are kept here as well, by identity: none outlives its socket.
 */
export function createSocketOperations(bounds: SocketBounds): SocketOperations {
  const streams = new Set<ResultStream>();
  const held = { subscription: 0, other: 0 };
  let closed = false;

  return {
    take(kind) {
      if (held[kind] >= (kind === 'subscription' ? bounds.subscriptionsPerSocket : bounds.operationsPerSocket)) return null;
      held[kind] += 1;
      let given = false;
      return () => {
        if (!given) held[kind] -= 1;
        given = true;
      };
    },
    watch(stream) {
      if (closed) void stream.return?.();
      else streams.add(stream);
      return {
        async next() {
          const step = await stream.next();
          if (step.done) streams.delete(stream);
          return step;
        },
        async return() {
          streams.delete(stream);
          await stream.return?.();
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    get running() {
      return held.other;
    },
    get subscriptions() {
      return held.subscription;
    },
    close() {
      closed = true;
      for (const stream of streams) void stream.return?.();
      streams.clear();
    },
  };
}
