import { randomBytes } from 'node:crypto';

/** What arrives on a WebSocket, as the load generator sees it. */
export interface FrameHandlers {
  /** So many texts of at least `countFrom` bytes have arrived in full. Called once per chunk at most. */
  counted(texts: number): void;
  /** A frame that is not merely counted: the payload lies in `bytes` from `from` to `to` and is gone after the call. */
  frame(opcode: number, bytes: Buffer, from: number, to: number): void;
}

/** Takes a WebSocket's bytes apart. */
export interface FrameReader {
  /** Whether long texts are handed over too, besides being counted. May be changed at any time. */
  inspect: boolean;
  read(bytes: Buffer, length: number): void;
}

export const TEXT = 1;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

// A frame's head without a mask: two bytes, and two or eight more for a longer payload.
const headLength = (second: number): number => {
  const size = second & 0x7f;
  return size === 126 ? 4 : size === 127 ? 10 : 2;
};

function payloadLength(bytes: Buffer, at: number): number {
  const size = (bytes[at + 1] ?? 0) & 0x7f;
  if (size === 126) return bytes.readUInt16BE(at + 2);
  return size === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : size;
}

/**
 * Reads frames as servers send them (unmasked, in one piece). Texts of at least `countFrom` bytes are only counted unless `inspect` is set: looking into
 * each would make the generator slower than what it measures.
 */
export function createFrameReader(handlers: FrameHandlers, countFrom: number): FrameReader {
  // The start of a frame that is handed over as a whole but has not arrived as a whole.
  let held: Buffer | null = null;
  // What is still to come of a frame that is only counted.
  let rest = 0;

  const reader: FrameReader = {
    inspect: true,
    read(chunk, chunkLength) {
      let bytes = chunk;
      let length = chunkLength;
      if (held !== null) {
        bytes = Buffer.concat([held, chunk.subarray(0, chunkLength)]);
        length = bytes.length;
        held = null;
      }
      let at = 0;
      let counted = 0;
      if (rest > 0) {
        at = Math.min(rest, length);
        rest -= at;
        if (rest === 0) counted += 1;
      }
      while (at < length) {
        const head = at + 1 < length ? headLength(bytes[at + 1] ?? 0) : 2;
        if (at + head > length) break;
        const from = at + head;
        const to = from + payloadLength(bytes, at);
        const opcode = (bytes[at] ?? 0) & 0x0f;
        const countable = opcode === TEXT && to - from >= countFrom;
        if (countable && !reader.inspect) {
          if (to <= length) counted += 1;
          else rest = to - length;
          at = Math.min(to, length);
          continue;
        }
        if (to > length) break;
        if (countable) counted += 1;
        handlers.frame(opcode, bytes, from, to);
        at = to;
      }
      if (at < length) held = Buffer.from(bytes.subarray(at, length));
      if (counted > 0) handlers.counted(counted);
    },
  };
  return reader;
}

/** A client's frame: masked, as the protocol asks of clients. */
export function clientFrame(opcode: number, text: string | Buffer): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + 4 + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (head === 2 ? length : head === 4 ? 126 : 127);
  if (head === 4) frame.writeUInt16BE(length, 2);
  if (head === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomMask();
  mask.copy(frame, head);
  for (let i = 0; i < length; i += 1) frame[head + 4 + i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
  return frame;
}

const masks = randomBytes(4096);
let nextMask = 0;

/** Unpredictable enough for a load generator, and free. */
function randomMask(): Buffer {
  nextMask = (nextMask + 4) % masks.length;
  return masks.subarray(nextMask, nextMask + 4);
}
