import { authExchange } from '@urql/exchange-auth';
import { retryExchange } from '@urql/exchange-retry';
import { Client, fetchExchange, type Operation, subscriptionExchange } from 'urql';
import { isSignedOut } from '../errors.ts';
import { type Connection, createConnection } from '../live/connection.ts';
import { createCache } from './cache.ts';

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
  const end = new AbortController();
  end.signal.addEventListener('abort', () => connection.close());
  const client = new Client({
    url: url.href,
    preferGetMethod: false,
    // Asks that the session be kept in a cookie that scripts cannot read.
    fetchOptions: { credentials: 'same-origin', headers: { 'parley-web-session': '1' } },
    // Operations pass from the first to the last; results come back from the last to the first.
    exchanges: [
      // 1. Cache: answers what is known, and takes in every result below, so that one event changes all places that show the thing.
      createCache(),
      // 2. Auth, nearer to the wire than the cache: sees only what the server itself answered. The cookie goes along by itself, so all it does is
      //    notice that the session has ended, whichever operation was told.
      authExchange(async () => ({
        addAuthToOperation: (operation) => operation,
        // A wrong password says nothing of the session.
        didAuthError: (error, operation) => isSignedOut(error) && !isSigningIn(operation),
        refreshAuth: async () => onSignedOut(),
      })),
      // 3. Retry: what is only read is asked again until there is an answer. Changes are not: whoever makes one decides (see room/outbox.ts).
      retryExchange({
        initialDelayMs: 500,
        maxDelayMs: 10_000,
        maxNumberAttempts: Number.POSITIVE_INFINITY,
        retryIf: (error, operation) => !end.signal.aborted && operation.kind === 'query' && error.networkError !== undefined,
      }),
      // 4. Queries and mutations, by fetch.
      fetchExchange,
      // 5. Subscriptions, on the WebSocket; they survive reconnections by themselves (live/connection.ts).
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
  return { client, connection, closed: end.signal, close: () => end.abort() };
}

function isSigningIn({ query }: Operation): boolean {
  return query.definitions.some((one) => 'name' in one && /^Sign(In|Up)$/.test(one.name?.value ?? ''));
}
