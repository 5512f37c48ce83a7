import type { Dialect, Person } from './dialects.ts';
import { type LoadSocket, openLoadSocket } from './socket.ts';

/** A connection that has signed in and follows its rooms. */
export interface Client {
  readonly socket: LoadSocket;
  /** What becomes of texts that are handed over. */
  onText: (bytes: Buffer, from: number, to: number) => void;
}

/** Where a client's news goes. */
export interface ClientHandlers {
  counted(texts: number): void;
  lost(reason: string): void;
}

/** Shorter texts are never deliveries: marks, answers, signs of life. */
export const DELIVERY_BYTES = 200;

const ENGINE_PING = 0x32;

/** Connects, signs in and follows; resolves once the server has confirmed as much of that as it ever does. */
export async function openClient(
  dialect: Dialect,
  port: number,
  person: Person,
  rooms: readonly string[],
  handlers: ClientHandlers,
): Promise<Client> {
  const heard: string[] = [];
  let expected: { piece: string; resolve(): void } | null = null;

  function take(): void {
    if (expected === null) return;
    const { piece, resolve } = expected;
    const index = heard.findIndex((text) => text.includes(piece));
    if (index === -1) return;
    heard.splice(index, 1);
    expected = null;
    resolve();
  }

  const until = (piece: string): Promise<void> =>
    new Promise((resolve) => {
      expected = { piece, resolve };
      take();
    });

  let onText = (bytes: Buffer, from: number, to: number): void => {
    heard.push(bytes.toString('latin1', from, to));
    take();
  };
  const socket = await openLoadSocket(
    // Senders follow nothing and want to see every answer.
    {
      port,
      path: dialect.path,
      protocol: dialect.protocol,
      countFrom: rooms.length > 0 ? DELIVERY_BYTES : Number.POSITIVE_INFINITY,
    },
    {
      counted: handlers.counted,
      lost: handlers.lost,
      text(bytes, from, to) {
        if (to - from === 1 && bytes[from] === ENGINE_PING) socket.send('3');
        else onText(bytes, from, to);
      },
    },
  );
  for (const { say, answeredBy } of [...dialect.enter(person), ...rooms.map((room, id) => dialect.follow(id, room))]) {
    if (say !== null) socket.send(say);
    if (answeredBy !== null) await until(answeredBy);
  }
  onText = () => {};
  return {
    socket,
    get onText() {
      return onText;
    },
    set onText(handler) {
      onText = handler;
    },
  };
}
