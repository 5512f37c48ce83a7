import type { Duplex } from 'node:stream';

/** What goes out on one socket: gathered, and written once for each turn of the loop. */
export interface SocketOutput {
  /** Adds one text message; `payload` holds a byte in each character. */
  text(payload: string): void;
  /** Writes what has been gathered, now: before anything else is sent on the socket. */
  flush(): void;
  /** Bytes that have not left for the network. */
  readonly pending: number;
  /** Calls once when there is room again; see `full`. */
  whenRoom(call: () => void): void;
  /** Whether so much waits that nothing more should be added. */
  readonly full: boolean;
}

// Text frame, final fragment (RFC 6455, 5.2); a server's frames are not masked.
const TEXT_FRAME = '\x81';

function frameHead(length: number): string {
  if (length < 126) return TEXT_FRAME + String.fromCharCode(length);
  if (length < 65_536) return TEXT_FRAME + String.fromCharCode(126, length >>> 8, length & 255);
  const bytes = [0, 0, 0, 0, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255];
  return TEXT_FRAME + String.fromCharCode(127, ...bytes);
}

// Beyond this the system call is no longer what a write costs.
const WRITE_BYTES = 65_536;

// Flushed together at the end of the turn: what one turn has for one socket leaves in one write.
let dirty: (() => void)[] = [];

function flushAll(): void {
  const all = dirty;
  dirty = [];
  for (const turn of all) turn();
}

/**
 * The cost of delivery is the number of writes, not of bytes: each write is a system call. Gathering per socket, over all its subscriptions, adapts by
 * itself: the longer a turn of the loop takes, the more the next write carries, and an idle server writes at once.
 *
 * @param socket the connection under the WebSocket, as the upgrade handed it over
 * @param isOpen whether frames may still be sent
 * @param fullBytes how much may wait before `full`
 */
export function createSocketOutput(socket: Duplex, isOpen: () => boolean, fullBytes: number): SocketOutput {
  let gathered = '';
  let scheduled = false;
  // Whether the kernel has not taken what was written; while it has, no more than one turn's worth can wait.
  let blocked = false;
  let waiting: (() => void)[] = [];

  const pending = () => gathered.length + socket.writableLength;

  function room(): void {
    if (pending() > fullBytes / 2) return;
    const calls = waiting;
    waiting = [];
    for (const call of calls) call();
  }

  function drained(): void {
    blocked = false;
    if (waiting.length > 0) room();
  }

  function flush(): void {
    if (gathered === '') return;
    const out = gathered;
    gathered = '';
    if (isOpen() && !socket.write(out, 'latin1') && !blocked) {
      blocked = true;
      socket.once('drain', drained);
    }
    if (!blocked && waiting.length > 0) room();
  }

  function turn(): void {
    scheduled = false;
    flush();
  }

  return {
    text(payload) {
      gathered += frameHead(payload.length) + payload;
      if (gathered.length > WRITE_BYTES) return flush();
      if (scheduled) return;
      scheduled = true;
      if (dirty.length === 0) setImmediate(flushAll);
      dirty.push(turn);
    },
    flush,
    get pending() {
      return pending();
    },
    get full() {
      return blocked && pending() > fullBytes;
    },
    whenRoom(call) {
      waiting.push(call);
    },
  };
}
