import { type Client, openClient } from './client.ts';
import type { Dialect, Person } from './dialects.ts';
import { inTurn } from './in-turn.ts';

/** Someone who reads, and where. */
export interface Reader {
  readonly person: Person;
  readonly rooms: readonly string[];
}

/** All connections to one server. */
export interface Crowd {
  readonly readers: Client[];
  readonly senders: Client[];
  /** The rooms that are followed, and by how many each. */
  rooms: string[];
  fanOut: number;
  /** Called for every chunk with deliveries. */
  onDelivered: (texts: number) => void;
  /** Called for every answer to a sender. */
  onSent: (sender: Client) => void;
  /** Rejects as soon as anything goes wrong. */
  readonly trouble: Promise<never>;
  openReaders(readers: readonly Reader[], atOnce: number): Promise<void>;
  openSenders(person: Person, count: number): Promise<void>;
  send(sender: Client, roomId: string, body: string): void;
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
    client.onText = (bytes, from, to) => {
      const text = bytes.toString('latin1', from, to);
      const outcome = dialect.outcome(text);
      if (outcome === 'refused') fail(new Error(`A message was refused: ${text.slice(0, 500)}`));
      if (outcome === 'sent') crowd.onSent(client);
    };
    crowd.senders.push(client);
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
      sender.socket.send(dialect.send(sent, roomId, body));
    },
  };
  return crowd;
}
