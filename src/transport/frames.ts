import type { Writable } from 'node:stream';

// Text frame, final fragment (RFC 6455, 5.2); a server's frames are not masked.
const TEXT_FRAME = '\x81';

// One after the other they are mostly of the same length: an event on its way to many.
let lastLength = -1;
let lastHead = '';

function frameHead(length: number): string {
  if (length !== lastLength) {
    lastLength = length;
    lastHead = makeFrameHead(length);
  }
  return lastHead;
}

function makeFrameHead(length: number): string {
  if (length < 126) return TEXT_FRAME + String.fromCharCode(length);
  if (length < 65_536) return TEXT_FRAME + String.fromCharCode(126, length >>> 8, length & 255);
  const bytes = [0, 0, 0, 0, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255];
  return TEXT_FRAME + String.fromCharCode(127, ...bytes);
}

// For so many it costs more to copy the text out of the heap than to write it from there.
const WORTH_A_COPY = 8;

/**
 * Text frames of WebSockets that leave in one write. They never change: whoever adds the same frame to the same ones as the last who did gets the same
 * again, so that sockets which are told the same share it, and its bytes are put together and copied once for all of them.
 */
export class Frames {
  readonly #text: string;
  #uncopied = WORTH_A_COPY;
  #copied: Buffer | null = null;
  // What was added last, and what that came to.
  #first = '';
  #rest = '';
  #followed: Frames | null = null;

  /** @param text frames, each character one byte */
  constructor(text = '') {
    this.#text = text;
  }

  get bytes(): number {
    return this.#text.length;
  }

  /** These and one more with that text, in two parts, each character one byte. */
  and(first: string, rest: string): Frames {
    if (this.#followed !== null && this.#rest === rest && this.#first === first) return this.#followed;
    this.#first = first;
    this.#rest = rest;
    this.#followed = new Frames(this.#text + frameHead(first.length + rest.length) + first + rest);
    return this.#followed;
  }

  /** Writes them; false where that has to wait for the network. */
  writeTo(socket: Writable): boolean {
    if (this.#uncopied > 0) {
      this.#uncopied -= 1;
      return socket.write(this.#text, 'latin1');
    }
    this.#copied ??= Buffer.from(this.#text, 'latin1');
    return socket.write(this.#copied);
  }
}
