import { type Client, createClient, type FormattedExecutionResult, type Sink, type SubscribePayload } from 'graphql-ws';
import { backOff } from './backoff.ts';
import { advance } from './resume.ts';

/** How long the line may be silent before it is tried, and how long the answer may take, in ms. */
const KEEP_ALIVE_MS = 10_000;
const PONG_MS = 5000;

/** One result of a subscription. */
export type LiveResult = FormattedExecutionResult<Record<string, unknown>, unknown>;

/** The one WebSocket of the page. It comes back by itself for ever, unless the session has ended. */
export interface Connection {
  /** Starts a subscription that goes on, across reconnections, from the last event it has seen. Returns its end. */
  subscribe(payload: SubscribePayload, sink: Sink<LiveResult>): () => void;
  /** Whether the connection stands. */
  isConnected(): boolean;
  /** Calls whenever that changes. Returns its end. */
  watch(listener: () => void): () => void;
  close(): void;
}

/** Connects once something subscribes. The session's cookie goes along by itself. */
export function createConnection(url: string): Connection {
  let connected = false;
  let pong: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  const tell = (now: boolean) => {
    connected = now;
    for (const listener of listeners) listener();
  };

  const client: Client = createClient({
    url,
    keepAlive: KEEP_ALIVE_MS,
    connectionAckWaitTimeout: PONG_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => backOff(retries),
    // Whatever broke may be mended. Codes that mean "stay away" never get as far as this question.
    shouldRetry: () => true,
    on: {
      connected: () => tell(true),
      closed: () => {
        clearTimeout(pong);
        tell(false);
      },
      ping: (received) => {
        if (received) return;
        clearTimeout(pong);
        // A line that is cut without a word would stay open for minutes.
        pong = setTimeout(() => client.terminate(), PONG_MS);
      },
      pong: () => clearTimeout(pong),
    },
  });

  return {
    subscribe(payload, sink) {
      // The client sends this same object again at every reconnection, so what is changed in it counts from the next one on.
      const sent = { ...payload, variables: { ...payload.variables } };
      return client.subscribe<Record<string, unknown>>(sent, {
        ...sink,
        next(result) {
          advance(sent.variables, result);
          sink.next(result);
        },
      });
    },
    isConnected: () => connected,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      clearTimeout(pong);
      void client.dispose();
    },
  };
}
