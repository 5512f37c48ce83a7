import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { Frames } from './frames.ts';

/** What goes out on one socket: gathered, and written once for each turn of the loop. */
export interface SocketOutput {
  /** Adds one text message, in one or two parts, with a byte in each character. */
  text(first: string, rest?: string): void;
  /** Writes what has been gathered, now: before anything else is sent on the socket. */
  flush(): void;
  /** Bytes that have not left for the network. */
  readonly pending: number;
  /** Calls once when there is room again; see `full`. */
  whenRoom(call: () => void): void;
  /** Whether so much waits that nothing more should be added. */
  readonly full: boolean;
}

// Beyond this the system call is no longer what a write costs.
const WRITE_BYTES = 65_536;

// Flushed together at the end of the turn: what one turn has for one socket leaves in one write.
let dirty: Output[] = [];
// What all of them begin with, anew in each turn: it holds on to what follows it.
let none = new Frames();

function flushAll(): void {
  const all = dirty;
  dirty = [];
  for (const output of all) output.turn();
  none = new Frames();
}

/**
 * The cost of delivery is the number of writes, not of bytes: each write is a system call. Gathering per socket, over all its subscriptions, adapts by
 * itself: the longer a turn of the loop takes, the more the next write carries, and an idle server writes at once.
 *
 * @param socket the connection under the WebSocket, as the upgrade handed it over
 * @param webSocket the WebSocket on it: frames are sent only while it is open
 * @param fullBytes how much may wait before `full`
 */
export const createSocketOutput = (
  socket: Duplex,
  webSocket: Pick<WebSocket, 'readyState' | 'OPEN'>,
  fullBytes: number,
): SocketOutput => new Output(socket, webSocket, fullBytes);

// A class, as there is one for every socket.
class Output implements SocketOutput {
  readonly #socket: Duplex;
  // Looked at here, not through what owns it: each object on the way is one more that no cache holds.
  readonly #webSocket: Pick<WebSocket, 'readyState' | 'OPEN'>;
  readonly #fullBytes: number;
  #gathered: Frames | null = null;
  #scheduled = false;
  // Whether the kernel has not taken what was written; while it has, no more than one turn's worth can wait.
  #blocked = false;
  #waiting: (() => void)[] | null = null;

  constructor(socket: Duplex, webSocket: Pick<WebSocket, 'readyState' | 'OPEN'>, fullBytes: number) {
    this.#socket = socket;
    this.#webSocket = webSocket;
    this.#fullBytes = fullBytes;
  }

  text(first: string, rest = ''): void {
    this.#gathered = (this.#gathered ?? none).and(first, rest);
    if (this.#gathered.bytes > WRITE_BYTES) return this.flush();
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (dirty.length === 0) setImmediate(flushAll);
    dirty.push(this);
  }

  flush(): void {
    const out = this.#gathered;
    if (out === null) return;
    this.#gathered = null;
    const isOpen = this.#webSocket.readyState === this.#webSocket.OPEN;
    if (isOpen && !out.writeTo(this.#socket) && !this.#blocked) {
      this.#blocked = true;
      this.#socket.once('drain', () => this.#drained());
    }
    if (!this.#blocked) this.#room();
  }

  turn(): void {
    this.#scheduled = false;
    this.flush();
  }

  get pending(): number {
    return (this.#gathered?.bytes ?? 0) + this.#socket.writableLength;
  }

  get full(): boolean {
    return this.#blocked && this.pending > this.#fullBytes;
  }

  whenRoom(call: () => void): void {
    this.#waiting ??= [];
    this.#waiting.push(call);
  }

  #drained(): void {
    this.#blocked = false;
    this.#room();
  }

  #room(): void {
    if (this.#waiting === null || this.pending > this.#fullBytes / 2) return;
    const calls = this.#waiting;
    this.#waiting = null;
    for (const call of calls) call();
  }
}
