import type { IncomingMessage } from 'node:http';
import WebSocket, { type ClientOptions } from 'ws';
import { endAfterTest } from './leftovers.ts';

/** A GraphQL answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
  readonly errors: readonly WireError[] | undefined;
  readonly text: string;
}

/** An error as it came over the wire. */
export interface WireError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
}

/** What one request may add to the usual. */
export interface RequestOptions {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gives the request up. */
  readonly signal?: AbortSignal;
}

/** One operation by POST, as curl would send it. */
export async function post(url: string, query: string, options: RequestOptions = {}): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    body: JSON.stringify({ query, variables: options.variables, operationName: options.operationName }),
    ...(options.signal && { signal: options.signal }),
  });
  return answerOf(response);
}

/** Reads a response as a GraphQL answer. */
export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, data: json.data, errors: json.errors, text };
}

/** What lies at that path of a parsed answer, such as `signIn.user.id`; undefined where there is nothing. */
export function at(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.')) found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined;
  return found;
}

/** The text at that path. Throws where there is none. */
export function textAt(value: unknown, path: string): string {
  const found = at(value, path);
  if (typeof found !== 'string') throw new Error(`no text at ${path} of ${JSON.stringify(value)}`);
  return found;
}

/** How a socket was closed. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A message of graphql-transport-ws. */
export interface WireMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A socket that keeps everything it is sent until it is asked for, so that no message is missed. */
export interface TestSocket {
  readonly socket: WebSocket;
  send(message: unknown): void;
  /** Sends as it is, without making JSON of it. */
  sendRaw(data: string | Buffer): void;
  /** The next message; rejects where the socket closes or nothing comes. */
  next(): Promise<WireMessage>;
  /** Messages that have come and were not asked for. */
  readonly waiting: readonly WireMessage[];
  /** Resolves when the socket has closed. */
  readonly closed: Promise<Closed>;
}

/** What a connection may add to the usual. */
export interface SocketOptions {
  readonly protocol?: string | readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly client?: ClientOptions;
}

const PATIENCE_MS = 5000;

/** Opens a socket; it is ended after the test. Rejects with the HTTP status where the upgrade is refused. */
export async function openSocket(url: string, options: SocketOptions = {}): Promise<TestSocket> {
  const protocols = options.protocol ?? 'graphql-transport-ws';
  const socket = new WebSocket(
    `${url.replace(/^http/, 'ws')}/graphql`,
    typeof protocols === 'string' ? protocols : [...protocols],
    {
      ...options.client,
      headers: { ...options.headers },
    },
  );
  endAfterTest(() => socket.terminate());
  const messages: WireMessage[] = [];
  let wake = () => {};
  let ended: Closed | null = null;
  socket.on('message', (data) => {
    messages.push(JSON.parse(data.toString()));
    wake();
  });
  const closed = new Promise<Closed>((resolve) => {
    socket.once('close', (code, reason) => {
      ended = { code, reason: reason.toString() };
      resolve(ended);
      wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (_request, response: IncomingMessage) =>
      reject(new Error(`refused with ${response.statusCode}`)),
    );
    socket.once('error', reject);
  });
  socket.on('error', () => {});

  async function next(): Promise<WireMessage> {
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const message = messages.shift();
      if (message !== undefined) return message;
      if (ended !== null) throw new Error(`closed with ${ended.code} ${ended.reason}`);
      if (timeout.aborted) throw new Error('no message came');
      await new Promise<void>((resolve) => {
        wake = resolve;
        timeout.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  return {
    socket,
    send: (message) => socket.send(JSON.stringify(message)),
    sendRaw: (data) => socket.send(data),
    next,
    waiting: messages,
    closed,
  };
}

/** A socket that has been acknowledged, signed in where a token is given. */
export async function connect(url: string, token?: string, options: SocketOptions = {}): Promise<TestSocket> {
  const client = await openSocket(url, options);
  client.send({ type: 'connection_init', payload: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  const ack = await client.next();
  if (ack.type !== 'connection_ack') throw new Error(`expected an ack, got ${JSON.stringify(ack)}`);
  return client;
}

/** Starts an operation on a connected socket. */
export function subscribe(
  client: TestSocket,
  id: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): void {
  client.send({ type: 'subscribe', id, payload: { query, variables } });
}

/** One query or mutation over a connected socket. */
export async function execute(
  client: TestSocket,
  id: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<WireMessage> {
  subscribe(client, id, query, variables);
  const result = await client.next();
  if (result.type === 'next') await client.next();
  return result;
}
