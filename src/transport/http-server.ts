import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Log } from '../telemetry/log.ts';
import { answer, type Exchange, type ExchangeOptions, openExchange } from './exchange.ts';
import { refuseUpgrade } from './web-sockets.ts';

/** What answers the requests for one path. */
export type Route = (exchange: Exchange) => void | Promise<void>;

/** A listening server. */
export interface HttpServer {
  /** Resolves with the port once it listens. Rejects with a readable error where the port cannot be had. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no new connections, lets go of those that do nothing and of each other one with its answer. Resolves when all have gone. */
  stop(): Promise<void>;
  /** Cuts what is left. Resolves when all has ended. */
  close(): Promise<void>;
}

/** See config.transport. */
export interface HttpServerOptions extends ExchangeOptions {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}

/** Where requests go. */
export interface HttpRoutes {
  /** The route of a path (without its query), or null. */
  readonly route: (path: string) => Route | null;
  /** Takes upgrade requests for the GraphQL path. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

// How often a server that stops looks for connections that have been answered.
const IDLE_MS = 20;

/** A port that cannot be listened on; the message says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** A node:http server for these routes. */
export function createHttpServer(routes: HttpRoutes, options: HttpServerOptions, log: Log): HttpServer {
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs,
      requestTimeout: options.requestTimeoutMs,
      keepAliveTimeout: options.keepAliveTimeoutMs,
      // How often Node looks for requests that are over those times.
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      const exchange = openExchange(request, response, options);
      serve(routes.route(pathOf(request)), exchange).catch((error: unknown) => {
        log.error({ err: error, method: request.method, path: pathOf(request) }, 'request failed');
        if (response.headersSent) response.destroy();
        else answer(exchange, 500, {});
      });
    },
  );
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', forget);
  });
  function forget(this: Socket): void {
    connections.delete(this);
  }

  server.on('upgrade', (request, socket, head) => {
    if (pathOf(request) === '/graphql') routes.upgrade(request, socket, head);
    else refuseUpgrade(socket, 404);
  });

  return {
    listen: (port, host) => listen(server, port, host),
    stop() {
      // A connection is idle from some moment after its answer on, of which nobody tells.
      const letGo = setInterval(() => server.closeIdleConnections(), IDLE_MS);
      const gone = new Promise<void>((resolve) => server.close(() => resolve())).finally(() => clearInterval(letGo));
      server.closeIdleConnections();
      // Browsers open connections in advance. Node does not count one as idle before its first request, and would wait for that.
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
      return gone;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function serve(route: Route | null, exchange: Exchange): Promise<void> {
  if (route === null) return answer(exchange, 404, { 'content-type': 'text/plain; charset=utf-8' }, 'There is nothing here.\n');
  await route(exchange);
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0] ?? '/';

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(new ListenError(listenFault(error, port, host), { cause: error }));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve(portOf(server.address()));
    });
  });
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0;

function listenFault({ code, message }: NodeJS.ErrnoException, port: number, host: string): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is in use by another program. Choose another one: PORT=${port + 1} npm start`;
  if (code === 'EACCES') return `Port ${port} may not be used by this user. Choose one above 1023: PORT=4000 npm start`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `This machine has no address ${host}. Set HOST, e.g. HOST=127.0.0.1 npm start`;
  return `Cannot listen on ${host}:${port}: ${message}`;
}
