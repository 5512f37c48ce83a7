import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Admission } from './admission.ts';
import { CLOSE } from './close-codes.ts';
import type { Counts } from './counts.ts';
import { cookieToken } from './credentials.ts';
import type { ExchangeOptions } from './exchange.ts';
import { provenanceOf } from './origins.ts';
import { createPaced } from './paced.ts';
import { peerOf } from './peer.ts';
import type { Pulse } from './pulse.ts';
import { SocketConnection, type SocketConnectionOptions, type SocketTerms, type Upgraded } from './socket-connection.ts';
import type { SocketProtocol } from './socket-protocol.ts';

/** All WebSockets of one process. */
export interface WebSockets {
  /** Takes an upgrade request, or refuses it while it is still HTTP. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly size: number;
  readonly subscriptions: number;
  /** Closes each as soon as nothing runs on it, with a code on which clients come back. Resolves when all have gone. */
  drain(): Promise<void>;
  /** Ends what is left. */
  close(): void;
}

/** Bounds and times; see config.transport. */
export interface WebSocketsOptions extends SocketConnectionOptions, ExchangeOptions {
  readonly frameBytes: number;
}

/** What serving them needs. */
export interface WebSocketsDeps {
  readonly protocol: SocketProtocol;
  readonly admission: Admission;
  /** Connections by address, event streams included. */
  readonly addresses: Counts;
  readonly pulse: Pulse;
  readonly clock: Clock;
  readonly onRefused: (reason: string) => void;
  /** Called for each socket cut off because its reader is too slow. */
  readonly onSlow: () => void;
  readonly log: Log;
}

// A message in more pieces than this is an attempt to make us keep them.
const FRAGMENTS = 64;
// How long the other end has for the closing handshake before the connection is cut.
const CLOSING_MS = 5000;
// What belonged to a socket is let go of at a pace: a proxy that dies takes thousands with it at once.
const ENDINGS_EACH_TURN = 64;

/** Serves graphql-transport-ws on upgrades that are handed in. */
export function createWebSockets(deps: WebSocketsDeps, options: WebSocketsOptions): WebSockets {
  const { protocol, admission, addresses, pulse, clock, onRefused, onSlow, log } = deps;
  const terms: SocketTerms = { options, clock, log, onSlow };
  const connections = new Map<WebSocket, SocketConnection>();
  const gone: (() => void)[] = [];
  let draining = false;
  let leave: (() => void) | null = null;
  const endings = createPaced(ENDINGS_EACH_TURN);
  const server = new WebSocketServer(serverOptions(options.frameBytes));

  function opened(upgraded: Upgraded): void {
    const { socket } = upgraded;
    const connection = new SocketConnection(upgraded, terms);
    connections.set(socket, connection);
    leave ??= pulse.join(beat);
    socket.on('message', take).on('pong', heard).on('close', ended);
    protocol.opened(connection);
    if (draining) connection.drain();
  }

  // The same for all sockets, which find their connection: what is made for each is there for as long as it is.
  function take(this: WebSocket, data: RawData, isBinary: boolean): void {
    const connection = connections.get(this);
    connection?.heard();
    if (isBinary) connection?.close(CLOSE.badMessage);
    else if (connection) protocol.take(connection, data.toString());
  }

  function heard(this: WebSocket): void {
    connections.get(this)?.heard();
  }

  function ended(this: WebSocket): void {
    endings.run(() => closed(this));
  }

  const failed = (error: Error) => log.debug({ err: error }, 'socket failed');

  function closed(socket: WebSocket): void {
    const connection = connections.get(socket);
    connections.delete(socket);
    connection?.end();
    if (connections.size > 0) return;
    leave?.();
    leave = null;
    for (const done of gone.splice(0)) done();
  }

  function beat(now: number): void {
    for (const connection of connections.values()) connection.beat(now);
  }

  return {
    upgrade(request, socket, head) {
      socket.on('error', destroy);
      const peer = peerOf(request, options.proxies);
      const provenance = provenanceOf(request, peer, options.origins);
      if (draining) return refuseUpgrade(socket, 503);
      if (provenance === 'foreign') {
        onRefused('origin');
        return refuseUpgrade(socket, 403);
      }
      const giveBack = addresses.take(peer.address);
      const cookie = provenance === 'trusted' ? cookieToken(request, peer) : null;
      // Also where the upgrade fails.
      if (giveBack !== null) socket.on('close', giveBack);
      const upgrade = (then: (webSocket: WebSocket) => void) => {
        server.handleUpgrade(request, socket, head, (webSocket) => {
          // ws closes it with the fitting code by itself.
          webSocket.on('error', failed);
          then(webSocket);
        });
      };
      const refuse = (reason: string) => {
        onRefused(reason);
        upgrade((webSocket) => webSocket.close(CLOSE.overload.code, CLOSE.overload.reason));
      };
      if (giveBack === null) return refuse('address');
      const enter = () => upgrade((webSocket) => opened({ socket: webSocket, duplex: socket, address: peer.address, cookie }));
      if (!admission.admit(enter)) refuse('busy');
    },
    get size() {
      return connections.size;
    },
    get subscriptions() {
      let total = 0;
      for (const { operations } of connections.values()) total += operations.subscriptions;
      return total;
    },
    drain() {
      draining = true;
      for (const connection of connections.values()) connection.drain();
      return connections.size === 0 ? Promise.resolve() : new Promise((resolve) => gone.push(resolve));
    },
    close() {
      for (const socket of connections.keys()) socket.terminate();
      server.close();
    },
  };
}

// Not made for each socket: it would keep the whole upgrade request in memory for as long as the socket is there.
function destroy(this: Duplex): void {
  this.destroy();
}

/** Answers an upgrade request as plain HTTP. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}

// A wider type than @types/ws has: it lacks two options of ws 8.23.
function serverOptions(frameBytes: number) {
  return {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: frameBytes,
    maxFragments: FRAGMENTS,
    closeTimeout: CLOSING_MS,
    // Whoever offers only other subprotocols is told so by a close code (4406), for which one of theirs must be taken first.
    handleProtocols: (protocols: Set<string>) => handleProtocols(protocols) || ([...protocols][0] ?? false),
  };
}
