import { setTimeout as pause } from 'node:timers/promises';
import { inPieces } from '../lib/in-pieces.ts';
import type { Person } from './dialects.ts';
import { type LoadSocket, openLoadSocket } from './socket.ts';

const FOLLOW = `subscription Herd($roomId: ID!, $after: String) {
  roomEvents(roomId: $roomId, after: $after) {
    __typename
    cursor
    ... on MessageSent { message { id body } }
  }
}`;

// As clients should: a random time, doubling with each try.
const FIRST_MS = 500;
const LONGEST_MS = 4000;

/** Many followers of one room, each a user of its own, who come back by themselves from their last cursors. */
export interface Herd {
  /** Connects all and resolves when they have caught up, at most `atOnce` at a time. */
  start(atOnce: number): Promise<void>;
  /** Cuts all connections at once. */
  drop(): void;
  /** How many have caught up on their present connection. */
  readonly live: number;
  /** How many have been shown everything up to that number of the room, nothing missing and nothing twice. */
  reached(number: number): number;
  /** Whatever came twice, out of order or not at all, and what should never come. */
  readonly faults: readonly string[];
  /** How often one was told to come back later (1013). */
  readonly sentAway: number;
  stop(): void;
}

/** Followers of the room on a server of this machine. Nobody is connected yet. */
export function createHerd(port: number, people: readonly Person[], roomId: string): Herd {
  const faults: string[] = [];
  let sentAway = 0;
  const told = {
    fault: (text: string) => void faults.push(text),
    sentAway() {
      sentAway += 1;
    },
  };
  const members = people.map((person) => new Member(port, person, roomId, told));
  return {
    start: async (atOnce) => {
      await inPieces(members, atOnce, (member) => member.start());
    },
    drop() {
      for (const member of members) member.drop();
    },
    get live() {
      return members.reduce((sum, { live }) => sum + (live ? 1 : 0), 0);
    },
    reached: (number) => members.reduce((sum, { live, number: at }) => sum + (live && at === number ? 1 : 0), 0),
    faults,
    get sentAway() {
      return sentAway;
    },
    stop() {
      for (const member of members) member.stop();
    },
  };
}

interface Told {
  fault(text: string): void;
  sentAway(): void;
}

class Member {
  live = false;
  /** The last number of the room it was shown. */
  number = -1;
  readonly #port: number;
  readonly #person: Person;
  readonly #roomId: string;
  readonly #told: Told;
  #cursor: string | null = null;
  #socket: LoadSocket | null = null;
  #tries = 0;
  #stopped = false;
  #started: (() => void) | null = null;

  constructor(port: number, person: Person, roomId: string, told: Told) {
    this.#port = port;
    this.#person = person;
    this.#roomId = roomId;
    this.#told = told;
  }

  start(): Promise<void> {
    void this.#connect();
    return new Promise((resolve) => {
      this.#started = resolve;
    });
  }

  drop(): void {
    this.#socket?.close();
    this.#lost('dropped');
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.close();
  }

  async #connect(): Promise<void> {
    const options = { port: this.#port, path: '/graphql', protocol: 'graphql-transport-ws', countFrom: Number.POSITIVE_INFINITY };
    try {
      this.#socket = await openLoadSocket(options, {
        counted() {},
        text: (bytes, from, to) => this.#take(JSON.parse(bytes.toString('utf8', from, to))),
        lost: (reason) => this.#lost(reason),
      });
    } catch (error) {
      return this.#lost(String(error));
    }
    if (this.#stopped) return this.#socket.close();
    this.#say({ type: 'connection_init', payload: { authorization: this.#person.token } });
  }

  #say(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #lost(reason: string): void {
    if (this.#stopped) return;
    this.live = false;
    if (reason.includes('(1013)')) this.#told.sentAway();
    if (/\(4\d\d\d\)/.test(reason)) this.#told.fault(reason);
    void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#tries);
    this.#tries += 1;
    await pause(Math.random() * most);
    if (!this.#stopped) await this.#connect();
  }

  #take(message: { readonly type: string; readonly payload?: { readonly data?: { readonly roomEvents: Shown } | null } }): void {
    if (message.type === 'connection_ack') {
      const variables = { roomId: this.#roomId, after: this.#cursor };
      this.#say({ id: '1', type: 'subscribe', payload: { query: FOLLOW, variables } });
    } else if (message.payload?.data) this.#show(message.payload.data.roomEvents);
    else this.#told.fault(JSON.stringify(message));
  }

  #show({ __typename: type, cursor }: Shown): void {
    if (cursor === null) return;
    const number = Number(cursor.split('.')[1]);
    this.#cursor = cursor;
    if (type === 'CaughtUp') return this.#caughtUp(number);
    if (type !== 'MessageSent' || number !== this.number + 1) this.#told.fault(`${type} ${number} after ${this.number}`);
    this.number = number;
  }

  #caughtUp(number: number): void {
    if (this.number >= 0 && number !== this.number) this.#told.fault(`caught up with ${number} at ${this.number}`);
    this.number = number;
    this.live = true;
    this.#tries = 0;
    this.#started?.();
  }
}

interface Shown {
  readonly __typename: string;
  readonly cursor: string | null;
}
