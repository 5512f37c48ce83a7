import { type Client, openClient } from './client.ts';
import type { Dialect, Person } from './dialects.ts';
import { inTurn } from './in-turn.ts';

/** Someone who reads, and where. */
export interface Reader {
  readonly person: Person;
  readonly rooms: readonly string[];
}

/** Who writes. No more than a few messages at a time wait for an answer on one socket, as servers have limits for that; the rest wait here. */
export interface Sender {
  readonly client: Client;
  unanswered: number;
  readonly queue: string[];
}

// Any server's limit for one socket should be above this.
const UNANSWERED = 16;

/** All connections to one server. */
export interface Crowd {
  readonly readers: Client[];
  readonly senders: Sender[];
  /** The rooms that are followed, and by how many each. */
  rooms: string[];
  fanOut: number;
  /** Called for every chunk with deliveries. */
  onDelivered: (texts: number) => void;
  /** Called for every answer to a sender. */
  onSent: (sender: Sender) => void;
  /** Rejects as soon as anything goes wrong. */
  readonly trouble: Promise<never>;
  openReaders(readers: readonly Reader[], atOnce: number): Promise<void>;
  openSenders(person: Person, count: number): Promise<void>;
  send(sender: Sender, roomId: string, body: string): void;
}

/** Connections to the servers at these ports, in turn: processes of one system. */
export function createCrowd(dialect: Dialect, ports: readonly number[]): Crowd {
  const followed: string[] = [];
  const nextPort = inTurn(ports);
  let sent = 0;
  let fail: (error: Error) => void = () => {};
  const trouble = new Promise<never>((_, reject) => {
    fail = reject;
  });
  trouble.catch(() => {});
  const handlers = {
    counted: (texts: number) => crowd.onDelivered(texts),
    lost: (reason: string) => fail(new Error(`A socket was lost: ${reason}`)),
  };

  async function openSender(person: Person): Promise<void> {
    const client = await openClient(dialect, nextPort(), person, [], handlers);
    const sender: Sender = { client, unanswered: 0, queue: [] };
    client.onText = (bytes, from, to) => {
      const text = bytes.toString('latin1', from, to);
      const outcome = dialect.outcome(text);
      if (outcome === 'refused') fail(new Error(`A message was refused: ${text.slice(0, 500)}`));
      if (outcome !== 'sent') return;
      const next = sender.queue.shift();
      if (next === undefined) sender.unanswered -= 1;
      else client.socket.send(next);
      crowd.onSent(sender);
    };
    crowd.senders.push(sender);
  }

  const crowd: Crowd = {
    readers: [],
    senders: [],
    rooms: [],
    fanOut: 0,
    onDelivered: () => {},
    onSent: () => {},
    trouble,
    async openReaders(readers, atOnce) {
      const waiting = [...readers];
      const open = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
          crowd.readers.push(await openClient(dialect, nextPort(), next.person, next.rooms, handlers));
      };
      await Promise.all(Array.from({ length: atOnce }, open));
      followed.push(...readers.flatMap(({ rooms }) => rooms));
      crowd.rooms = [...new Set(followed)];
      crowd.fanOut = followed.length / crowd.rooms.length;
    },
    async openSenders(person, count) {
      for (let i = 0; i < count; i += 1) await openSender(person);
    },
    send(sender, roomId, body) {
      sent += 1;
      const text = dialect.send(sent, roomId, body);
      if (sender.unanswered === UNANSWERED) return void sender.queue.push(text);
      sender.unanswered += 1;
      sender.client.socket.send(text);
    },
  };
  return crowd;
}
