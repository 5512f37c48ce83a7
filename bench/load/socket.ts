import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { CLOSE, clientFrame, createFrameReader, type FrameReader, PING, PONG, TEXT } from './frames.ts';

/** A WebSocket client for load: it counts long texts and looks only into what it is asked to. */
export interface LoadSocket {
  readonly reader: FrameReader;
  send(text: string): void;
  close(): void;
}

/** What a load socket tells. */
export interface LoadSocketHandlers {
  /** So many long texts have arrived. */
  counted(texts: number): void;
  /** A text that is handed over; the bytes are gone after the call. */
  text(bytes: Buffer, from: number, to: number): void;
  /** The server has ended the connection, though nobody closed it here. */
  lost(reason: string): void;
}

/** Where and how to connect. */
export interface LoadSocketOptions {
  readonly port: number;
  readonly path: string;
  readonly protocol: string | null;
  /** Texts of at least so many bytes are counted. */
  readonly countFrom: number;
}

// All sockets read into the same memory: each chunk is dealt with before the next is read.
const buffer = Buffer.alloc(262_144);

/** Resolves once the server has answered the upgrade. */
export function openLoadSocket(options: LoadSocketOptions, handlers: LoadSocketHandlers): Promise<LoadSocket> {
  return new Promise((resolve, reject) => {
    let upgraded = false;
    let closed = false;
    let head = '';

    const frames = createFrameReader({ counted: handlers.counted, frame }, options.countFrom);
    const socket = connect({
      host: '127.0.0.1',
      port: options.port,
      noDelay: true,
      onread: { buffer, callback: onRead },
    });
    const load: LoadSocket = {
      reader: frames,
      send: (text) => void socket.write(clientFrame(TEXT, text)),
      close() {
        closed = true;
        socket.destroy();
      },
    };

    function frame(opcode: number, bytes: Buffer, from: number, to: number): void {
      if (opcode === TEXT) handlers.text(bytes, from, to);
      else if (opcode === PING) socket.write(clientFrame(PONG, Buffer.from(bytes.subarray(from, to))));
      else if (opcode === CLOSE) lost(`closed with ${bytes.toString('utf8', from + 2, to)} (${bytes.readUInt16BE(from)})`);
    }

    function lost(reason: string): void {
      if (closed) return;
      load.close();
      if (upgraded) handlers.lost(reason);
      else reject(new Error(`No WebSocket: ${reason}`));
    }

    function onRead(length: number): boolean {
      if (upgraded) frames.read(buffer, length);
      else answer(length);
      return true;
    }

    function answer(length: number): void {
      head += buffer.toString('latin1', 0, length);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      if (!head.startsWith('HTTP/1.1 101 ')) return lost(head.slice(0, head.indexOf('\r\n')));
      upgraded = true;
      const rest = Buffer.from(head.slice(end + 4), 'latin1');
      head = '';
      resolve(load);
      // What came along belongs to whoever waits for the socket.
      if (rest.length > 0) queueMicrotask(() => frames.read(rest, rest.length));
    }

    socket.once('connect', () => socket.write(upgradeRequest(options)));
    socket.once('error', (error) => lost(error.message));
    socket.once('close', () => lost('the connection ended'));
  });
}

function upgradeRequest({ port, path, protocol }: LoadSocketOptions): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(protocol === null ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    '\r\n',
  ].join('\r\n');
}

/** The other kind of connection: kept alive, one request at a time. */
export interface HttpConnection {
  /** Posts JSON and resolves with the answer's body; rejects with any status but 200. */
  post(json: string): Promise<string>;
  close(): void;
}

/** Opens an HTTP/1.1 connection for POST requests with these headers. */
export function openHttpConnection(port: number, path: string, headers: Readonly<Record<string, string>>): HttpConnection {
  const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const fixed = Object.entries({ ...headers, 'content-type': 'application/json', accept: 'application/json' })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  let answer = '';
  let waiting: { resolve(body: string): void; reject(error: Error): void } | null = null;

  function settle(work: (waiter: NonNullable<typeof waiting>) => void): void {
    const waiter = waiting;
    waiting = null;
    answer = '';
    if (waiter) work(waiter);
  }

  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    answer += text;
    const body = bodyOf(answer);
    if (body === null) return;
    const status = answer.slice(9, 12);
    settle(({ resolve, reject }) => (status === '200' ? resolve(body) : reject(new Error(`HTTP ${status}: ${body}`))));
  });
  socket.once('error', (error) => settle(({ reject }) => reject(error)));
  socket.once('close', () => settle(({ reject }) => reject(new Error('The server closed the connection.'))));

  return {
    post: (json) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        const length = Buffer.byteLength(json);
        socket.write(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${fixed}content-length: ${length}\r\n\r\n${json}`);
      }),
    close: () => socket.destroy(),
  };
}

/** The body of an answer once it is complete, else null. */
function bodyOf(answer: string): string | null {
  const end = answer.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const body = answer.slice(end + 4);
  const length = /\r\ncontent-length: *(\d+)/i.exec(answer)?.[1];
  if (length !== undefined) return body.length >= Number(length) ? body : null;
  return body.endsWith('0\r\n\r\n') ? body : null;
}
