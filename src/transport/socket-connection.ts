import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Context } from '../context.ts';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { CLOSE, type Close, PROTOCOL_CLOSE } from './close-codes.ts';
import type { Caller } from './execution.ts';
import type { LiveSession } from './live-session.ts';
import { type SocketBounds, SocketOperations } from './socket-operations.ts';
import { createSocketOutput, type SocketOutput } from './socket-output.ts';
import { toWire } from './wire-text.ts';

/** Times and bounds; see config.transport. */
export interface SocketConnectionOptions extends SocketBounds {
  /** How long a socket may take to say who it is. */
  readonly initTimeoutMs: number;
  readonly pingMs: number;
  readonly pongMs: number;
  /** Unsent bytes at which the socket is no longer read: whoever does not take answers may not ask. */
  readonly pauseBytes: number;
  /** How long a socket may take nothing of what waits for it before it is cut off. */
  readonly stallMs: number;
}

/** What all sockets have in common. */
export interface SocketTerms {
  readonly options: SocketConnectionOptions;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Called for each socket cut off because its reader is too slow. */
  readonly onSlow: () => void;
}

/** An upgraded socket. */
export interface Upgraded {
  readonly socket: WebSocket;
  /** The connection under it. */
  readonly duplex: Duplex;
  /** What limits count by; see `Peer`. */
  readonly address: string;
  /** The token of the web session's cookie, where a page we trust opened the socket. */
  readonly cookie: string | null;
}

type Client = Context['client'];

/** Where a socket stands: opened, asked who it is, or let in. */
export type SocketStage = 'opened' | 'entering' | 'entered';

/** What {@link SocketConnection.send} returns where there is room for more at once. */
export const SENT = Promise.resolve();
const NEVER = Number.POSITIVE_INFINITY;

/** One WebSocket from its upgrade to its end. A class, as there are many: what a connection costs while idle is mostly what it is made of. */
export class SocketConnection implements Client {
  readonly socket: WebSocket;
  readonly address: string;
  /** For whatever is sent. */
  readonly output: SocketOutput;
  readonly operations: SocketOperations;
  stage: SocketStage = 'opened';
  readonly #terms: SocketTerms;
  readonly #duplex: Duplex;
  #cookie: string | null;
  #session: LiveSession | null = null;
  #enterBy: number;
  #expires = NEVER;
  #pingAt: number;
  #pongBy = NEVER;
  #draining = false;
  #queued = 0;
  #waiting = 0;
  #movedAt: number;
  #ended = false;
  // Sends that wait for room.
  #held: Set<() => void> | null = null;

  constructor({ socket, duplex, address, cookie }: Upgraded, terms: SocketTerms) {
    const now = terms.clock.now();
    this.socket = socket;
    this.address = address;
    this.#terms = terms;
    this.#duplex = duplex;
    this.#cookie = cookie;
    this.#enterBy = now + terms.options.initTimeoutMs;
    this.#pingAt = now + terms.options.pingMs;
    this.#movedAt = now;
    this.operations = new SocketOperations(terms.options);
    this.output = createSocketOutput(duplex, socket, terms.options.pauseBytes / 4);
  }

  closeSlow(): void {
    this.close(CLOSE.slow);
  }

  /** What waits for all subscriptions of the socket together is held to the bound of one. */
  onQueued(change: number): void {
    this.#queued += change;
    if (this.#queued > this.#terms.options.pauseBytes) this.#cutOff();
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** On whose behalf its operations run. */
  get caller(): Caller {
    return { viewer: this.#session?.viewer ?? null, client: this };
  }

  /** The token that came with the upgrade; asked for once. */
  takeCookie(): string | null {
    const cookie = this.#cookie;
    this.#cookie = null;
    return cookie;
  }

  /** Set once by connection_init: from then on it runs in that session's name, until it expires. */
  enter(session: LiveSession): void {
    // It may have gone while it was being signed in.
    if (this.#ended) return session.close();
    this.#session = session;
    this.#expires = this.#terms.clock.now() + session.viewer.remainingMs;
  }

  /** Sends a text; resolves when there is room for more (or never will be), so that a slow reader holds back whoever waits. */
  send(text: string): Promise<void> {
    if (!this.isOpen) return SENT;
    this.output.text(toWire(text));
    if (this.output.pending > this.#terms.options.pauseBytes && !this.socket.isPaused) {
      this.socket.pause();
      this.output.whenRoom(() => this.#resume());
    }
    return this.output.full ? this.#room() : SENT;
  }

  close({ code, reason }: Close): void {
    if (!this.isOpen) return;
    // One that was not being read could not answer the closing handshake.
    this.#resume();
    this.output.flush();
    this.socket.close(code, reason);
  }

  /** Closes as soon as no query or mutation runs: at once, or when `settle` finds it so. */
  drain(): void {
    this.#draining = true;
    this.settle();
  }

  /** Called whenever an operation has been answered. */
  settle(): void {
    if (this.#draining && this.operations.running === 0) this.close(CLOSE.restart);
  }

  /** About once a second: pings, finds out the dead, the expired and those that never said who they are. */
  beat(now: number): void {
    if (now >= this.#pongBy) return this.#lost();
    if (now >= this.#expires) return this.close(CLOSE.expired);
    if (this.stage === 'opened' && now >= this.#enterBy) return this.close(PROTOCOL_CLOSE.silent);
    if (this.#isStalled(now)) return this.#cutOff();
    if (now < this.#pingAt || !this.isOpen) return;
    const { pingMs, pongMs } = this.#terms.options;
    this.#pingAt = now + pingMs;
    this.#pongBy = Math.min(this.#pongBy, now + pongMs);
    this.socket.ping();
  }

  /** The other end is alive. */
  heard(): void {
    this.#pongBy = NEVER;
  }

  /** After the close event: ends all that belongs to it. */
  end(): void {
    this.#ended = true;
    for (const resolve of this.#held ?? []) resolve();
    this.operations.close();
    this.#session?.close();
    this.#session = null;
  }

  #lost(): void {
    // One that takes no answers is not read, so its pongs are not either.
    if (this.socket.isPaused) return this.#cutOff();
    this.#terms.log.debug({ userId: this.#session?.viewer.userId }, 'socket did not answer pings');
    this.socket.terminate();
  }

  // Told here where it is found here; a subscriber whose own queue is full has been told of already.
  #cutOff(): void {
    if (this.isOpen) this.#terms.onSlow();
    this.close(CLOSE.slow);
  }

  // A reader that takes nothing, however little waits for it, is gone or might as well be.
  #isStalled(now: number): boolean {
    const { writableLength } = this.#duplex;
    if (writableLength === 0 || writableLength < this.#waiting) this.#movedAt = now;
    this.#waiting = writableLength;
    return now - this.#movedAt > this.#terms.options.stallMs;
  }

  #resume(): void {
    if (this.socket.isPaused) this.socket.resume();
  }

  #room(): Promise<void> {
    this.#held ??= new Set();
    const held = this.#held;
    return new Promise((resolve) => {
      held.add(resolve);
      this.output.whenRoom(() => {
        held.delete(resolve);
        resolve();
      });
    });
  }
}
