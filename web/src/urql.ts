import { Client, type CombinedError, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { isSignedOut } from './errors.ts';
import { type Connection, createConnection } from './live/connection.ts';

/** What one session of the page talks to the server with. */
export interface Api {
  readonly client: Client;
  readonly connection: Connection;
  /** Aborted by `close`. */
  readonly closed: AbortSignal;
  /** Ends the WebSocket, every subscription on it and every retry. */
  close(): void;
}

/** An API client for one session: a new one at every sign-in, so that nothing of the last one remains. */
export function createApi(onSignedOut: () => void): Api {
  const url = new URL('/graphql', location.href);
  const socketUrl = new URL(url);
  socketUrl.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const connection = createConnection(socketUrl.href);
  const client = new Client({
    url: url.href,
    preferGetMethod: false,
    // Asks that the session be kept in a cookie that scripts cannot read.
    fetchOptions: { credentials: 'same-origin', headers: { 'parley-web-session': '1' } },
    exchanges: [
      // First, so that it sees every result: a session that has ended shows the sign-in form again, whichever operation noticed.
      mapExchange({
        onError(error: CombinedError) {
          if (isSignedOut(error)) onSignedOut();
        },
      }),
      // Queries and mutations. There is no cache before it: what is shown is a snapshot kept up to date by subscriptions.
      fetchExchange,
      // Subscriptions, on the WebSocket.
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: connection.subscribe(
              { query, variables: { ...variables } },
              { ...sink, next: ({ data = null, errors }) => sink.next(errors ? { data, errors } : { data }) },
            ),
          }),
        }),
      }),
    ],
  });
  const end = new AbortController();
  end.signal.addEventListener('abort', () => connection.close());
  return { client, connection, closed: end.signal, close: () => end.abort() };
}
