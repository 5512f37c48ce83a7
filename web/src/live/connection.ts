import { type Client, createClient, type FormattedExecutionResult, type Sink, type SubscribePayload } from 'graphql-ws';
import { createStore, type Store } from '../base/store.ts';
import { backOff } from './backoff.ts';
import { advance } from './resume.ts';

/** How long the line may be silent before it is tried, and how long the answer may take, in ms. */
const KEEP_ALIVE_MS = 10_000;
const PONG_MS = 5000;

/** One result of a subscription. */
export type LiveResult = FormattedExecutionResult<Record<string, unknown>, unknown>;

/** How things stand between the page and the server. */
export type LinkState =
  /** A try is on its way; `again` after one that failed, or after the connection broke. */
  | { readonly is: 'connecting'; readonly again: boolean }
  | { readonly is: 'live' }
  /** The connection broke; the next try is at `until` (ms since 1970), or now by `retry`. */
  | { readonly is: 'waiting'; readonly until: number; readonly retry: () => void }
  /** The browser itself says that there is no network. */
  | { readonly is: 'offline' };

/** The one WebSocket of the page. It comes back by itself for ever, unless the session has ended. */
export interface Connection {
  /** Starts a subscription that goes on, across reconnections, from the last event it has seen. Returns its end. */
  subscribe(payload: SubscribePayload, sink: Sink<LiveResult>): () => void;
  /** How the connection stands. */
  readonly state: Pick<Store<LinkState>, 'get' | 'watch'>;
  close(): void;
}

/** Connects once something subscribes. The session's cookie goes along by itself. */
export function createConnection(url: string): Connection {
  const state = createStore<LinkState>({ is: 'connecting', again: false });
  let pong: ReturnType<typeof setTimeout> | undefined;

  const client: Client = createClient({
    url,
    keepAlive: KEEP_ALIVE_MS,
    connectionAckWaitTimeout: PONG_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    async retryWait(retries) {
      await backOff(retries, 0, ({ until, end }) => {
        state.set(navigator.onLine ? { is: 'waiting', until, retry: end } : { is: 'offline' });
      });
      if (navigator.onLine) state.set({ is: 'connecting', again: true });
    },
    // Whatever broke may be mended. Codes that mean "stay away" never get as far as this question.
    shouldRetry: () => true,
    on: {
      connected: () => state.set({ is: 'live' }),
      closed: () => {
        clearTimeout(pong);
        state.set(navigator.onLine ? { is: 'connecting', again: true } : { is: 'offline' });
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
  // The browser knows at once what a ping would only find out in seconds.
  const cut = () => client.terminate();
  addEventListener('offline', cut);

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
    state,
    close() {
      clearTimeout(pong);
      removeEventListener('offline', cut);
      void client.dispose();
    },
  };
}
