import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { CLOSE, type Close } from './close-codes.ts';
import type { Caller } from './execution.ts';
import type { LiveSession } from './live-session.ts';
import type { Peer } from './peer.ts';
import { toWire } from './shared-group.ts';
import { createSocketOperations, type SocketBounds, type SocketOperations } from './socket-operations.ts';
import { createSocketOutput, type SocketOutput } from './socket-output.ts';

/** One WebSocket from its upgrade to its end. */
export interface SocketConnection {
  readonly socket: WebSocket;
  /** For whatever is sent, past graphql-ws or by it: in that order. */
  readonly output: SocketOutput;
  readonly peer: Peer;
  /** The token of the web session's cookie, where a page we trust opened the socket. */
  readonly cookie: string | null;
  readonly operations: SocketOperations;
  /** On whose behalf its operations run. */
  readonly caller: Caller;
  /** Set once by connection_init: from then on it runs in that session's name, until it expires. */
  enter(session: LiveSession): void;
  /** Sends a text; resolves when there is room for more (or never will be), so that a slow reader holds back whoever waits. */
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
  /** How long a socket may take nothing of what waits for it before it is cut off. */
  readonly stallMs: number;
}

/** An upgraded socket. */
export interface Upgraded {
  readonly socket: WebSocket;
  /** The connection under it. */
  readonly duplex: Duplex;
  readonly peer: Peer;
  readonly cookie: string | null;
}

const SENT = Promise.resolve();

/** Takes charge of an upgraded socket. */
export function createSocketConnection(
  upgraded: Upgraded,
  options: SocketConnectionOptions,
  clock: Clock,
  log: Log,
  onSlow: () => void,
): SocketConnection {
  const { socket, duplex, peer, cookie } = upgraded;
  const operations = createSocketOperations(options);
  let session: LiveSession | null = null;
  let expires = Number.POSITIVE_INFINITY;
  let pingAt = clock.now() + options.pingMs;
  let pongBy = Number.POSITIVE_INFINITY;
  let draining = false;
  let queued = 0;
  let waiting = 0;
  let movedAt = clock.now();
  let ended = false;
  // Sends that wait for room.
  const held = new Set<() => void>();

  const close = ({ code, reason }: Close) => {
    if (socket.readyState !== socket.OPEN) return;
    // One that was not being read could not answer the closing handshake.
    if (socket.isPaused) socket.resume();
    output.flush();
    socket.close(code, reason);
  };
  const output = createSocketOutput(duplex, () => socket.readyState === socket.OPEN, options.pauseBytes / 4);
  const client = {
    address: peer.address,
    closeSlow: () => close(CLOSE.slow),
    // What waits for all subscriptions of the socket together is held to the bound of one.
    onQueued(change: number) {
      queued += change;
      if (queued > options.pauseBytes) cutOff();
    },
  };

  // Told here where it is found here; a subscriber whose own queue is full has been told of already.
  function cutOff(): void {
    if (socket.readyState === socket.OPEN) onSlow();
    close(CLOSE.slow);
  }

  // A reader that takes nothing, however little waits for it, is gone or might as well be.
  function isStalled(now: number): boolean {
    if (duplex.writableLength === 0 || duplex.writableLength < waiting) movedAt = now;
    waiting = duplex.writableLength;
    return now - movedAt > options.stallMs;
  }

  function resume(): void {
    if (socket.isPaused) socket.resume();
  }

  const room = (): Promise<void> =>
    new Promise((resolve) => {
      held.add(resolve);
      output.whenRoom(() => {
        held.delete(resolve);
        resolve();
      });
    });

  return {
    socket,
    output,
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
    send(text) {
      if (socket.readyState !== socket.OPEN) return SENT;
      output.text(toWire(text));
      if (output.pending > options.pauseBytes && !socket.isPaused) {
        socket.pause();
        output.whenRoom(resume);
      }
      return output.full ? room() : SENT;
    },
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
        if (socket.isPaused) return cutOff();
        log.debug({ userId: session?.viewer.userId }, 'socket did not answer pings');
        return socket.terminate();
      }
      if (now >= expires) return close(CLOSE.expired);
      if (isStalled(now)) return cutOff();
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
      for (const resolve of held) resolve();
      operations.close();
      session?.close();
      session = null;
    },
  };
}
