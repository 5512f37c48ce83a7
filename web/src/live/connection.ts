import { type Client, createClient, type FormattedExecutionResult, type Sink, type SubscribePayload } from 'graphql-ws';
import { createStore, type Store } from '../base/store.ts';
import { backOff } from './backoff.ts';
import { advance } from './resume.ts';

/** How long the line may be silent before it is tried, and how long the answer may take, in ms. */
const KEEP_ALIVE_MS = 10_000;
const PONG_MS = 5000;
/** The same when the page comes to the front or the network returns: then a line that died meanwhile is to be found at once. */
const WAKE_PONG_MS = 2000;
/** How long a try to connect may take, in ms. */
const OPEN_MS = 10_000;
/** How late a timer comes that was held up, in ms. */
const LATE_MS = 1000;
const PING = JSON.stringify({ type: 'ping' });
const WAKING = ['visibilitychange', 'online', 'pageshow'] as const;

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
  let socket: WebSocket | null = null;
  // Cuts the line, unless something is heard before.
  let patience: ReturnType<typeof setTimeout> | undefined;
  let triedAt = 0;
  let operations = 0;
  const heard = () => clearTimeout(patience);
  const expect = (ms: number) => {
    heard();
    const due = Date.now() + ms;
    // Where the page itself stood still meanwhile, the answer may lie there unread.
    patience = setTimeout(() => (Date.now() > due + LATE_MS ? expect(ms) : client.terminate()), ms);
  };

  const client: Client = createClient({
    url,
    // Where all pages number theirs alike, what the server sends to all is the same, and made once.
    generateID() {
      operations += 1;
      return `${operations}`;
    },
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
      connecting: () => {
        triedAt = Date.now();
        expect(OPEN_MS);
      },
      opened: heard,
      connected: (opened) => {
        socket = opened instanceof WebSocket ? opened : null;
        state.set({ is: 'live' });
      },
      closed: () => {
        heard();
        socket = null;
        state.set(navigator.onLine ? { is: 'connecting', again: true } : { is: 'offline' });
      },
      // A line that is cut without a word would stay open for minutes.
      ping: (received) => {
        if (!received) expect(PONG_MS);
      },
      message: heard,
    },
  });
  // The browser knows at once what a ping would only find out in seconds.
  const cut = () => client.terminate();
  // While the page slept or the network was away, the line may have died without a word, or a try to connect may hang.
  const wake = ({ type }: Event) => {
    if (type === 'visibilitychange' && document.visibilityState !== 'visible') return;
    if (socket?.readyState === WebSocket.OPEN) {
      socket.send(PING);
      expect(WAKE_PONG_MS);
    } else if (state.get().is === 'connecting' && triedAt > 0 && Date.now() - triedAt > WAKE_PONG_MS) client.terminate();
  };
  addEventListener('offline', cut);
  for (const event of WAKING) addEventListener(event, wake, true);

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
      heard();
      removeEventListener('offline', cut);
      for (const event of WAKING) removeEventListener(event, wake, true);
      void client.dispose();
    },
  };
}
