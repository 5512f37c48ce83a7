import type { WebSocket } from 'ws';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { CLOSE, type Close } from './close-codes.ts';
import type { Caller } from './execution.ts';
import type { LiveSession } from './live-session.ts';
import type { Peer } from './peer.ts';
import { createSocketOperations, type SocketBounds, type SocketOperations } from './socket-operations.ts';

/** One WebSocket from its upgrade to its end. */
export interface SocketConnection {
  readonly socket: WebSocket;
  readonly peer: Peer;
  /** The token of the web session's cookie, where a page we trust opened the socket. */
  readonly cookie: string | null;
  readonly operations: SocketOperations;
  /** On whose behalf its operations run. */
  readonly caller: Caller;
  /** Set once by connection_init: from then on it runs in that session's name, until it expires. */
  enter(session: LiveSession): void;
  /** Sends a text; resolves when it has left for the network (or never can), so that a slow reader holds back whoever waits. */
  send(text: string): Promise<void>;
  close(how: Close): void;
  /** Closes as soon as no query or mutation runs: at once, or when `settle` finds it so. */
  drain(): void;
  /** Called whenever an operation has been answered. */
  settle(): void;
  /** About once a second: pings, finds out the dead and the expired. */
  beat(now: number): void;
  /** The other end is alive. */
  heard(): void;
  /** After the close event: ends all that belongs to it. */
  end(): void;
}

/** Times and bounds; see config.transport. */
export interface SocketConnectionOptions extends SocketBounds {
  readonly pingMs: number;
  readonly pongMs: number;
  /** Unsent bytes at which the socket is no longer read: whoever does not take answers may not ask. */
  readonly pauseBytes: number;
}

/** An upgraded socket. */
export interface Upgraded {
  readonly socket: WebSocket;
  readonly peer: Peer;
  readonly cookie: string | null;
}

/** Takes charge of an upgraded socket. */
export function createSocketConnection(
  upgraded: Upgraded,
  options: SocketConnectionOptions,
  clock: Clock,
  log: Log,
): SocketConnection {
  const { socket, peer, cookie } = upgraded;
  const operations = createSocketOperations(options);
  let session: LiveSession | null = null;
  let expires = Number.POSITIVE_INFINITY;
  let pingAt = clock.now() + options.pingMs;
  let pongBy = Number.POSITIVE_INFINITY;
  let draining = false;
  let ended = false;

  const close = ({ code, reason }: Close) => {
    if (socket.readyState !== socket.OPEN) return;
    // One that was not being read could not answer the closing handshake.
    if (socket.isPaused) socket.resume();
    socket.close(code, reason);
  };
  const client = { address: peer.address, closeSlow: () => close(CLOSE.slow) };

  function sent(): void {
    if (socket.isPaused && socket.bufferedAmount < options.pauseBytes / 2) socket.resume();
  }

  return {
    socket,
    peer,
    cookie,
    operations,
    get caller() {
      return { viewer: session?.viewer ?? null, client };
    },
    enter(opened) {
      // It may have gone while it was being signed in.
      if (ended) return opened.close();
      session = opened;
      expires = clock.now() + opened.viewer.remainingMs;
    },
    send: (text) =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        socket.send(text, () => {
          sent();
          resolve();
        });
        if (socket.bufferedAmount > options.pauseBytes) socket.pause();
      }),
    close,
    drain() {
      draining = true;
      if (operations.running === 0) close(CLOSE.restart);
    },
    settle() {
      if (draining && operations.running === 0) close(CLOSE.restart);
    },
    beat(now) {
      if (now >= pongBy) {
        // One that takes no answers is not read, so its pongs are not either.
        if (socket.isPaused) return close(CLOSE.slow);
        log.debug({ userId: session?.viewer.userId }, 'socket did not answer pings');
        return socket.terminate();
      }
      if (now >= expires) return close(CLOSE.expired);
      if (now < pingAt || socket.readyState !== socket.OPEN) return;
      pingAt = now + options.pingMs;
      pongBy = Math.min(pongBy, now + options.pongMs);
      socket.ping();
    },
    heard() {
      pongBy = Number.POSITIVE_INFINITY;
    },
    end() {
      ended = true;
      operations.close();
      session?.close();
      session = null;
    },
  };
}
