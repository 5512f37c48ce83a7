import { FOLLOW, SEND } from './documents.ts';

/** Someone who connects. The token begins with the user's id. */
export interface Person {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  readonly token: string;
}

/** What to say, and a piece of the text that answers it; null where nothing does. */
export interface Exchange {
  readonly say: string | null;
  readonly answeredBy: string | null;
}

/** What a text means to whoever has sent a message. */
export type Outcome = 'sent' | 'refused' | 'nothing';

/** How the generator speaks with one kind of server. */
export interface Dialect {
  readonly path: string;
  readonly protocol: string | null;
  /** From the upgrade to signed in. */
  enter(person: Person): readonly Exchange[];
  follow(id: number, roomId: string): Exchange;
  send(id: number, roomId: string, body: string): string;
  outcome(text: string): Outcome;
}

const graphql = (followed: string | null): Dialect => ({
  path: '/graphql',
  protocol: 'graphql-transport-ws',
  enter: (person) => [
    {
      say: JSON.stringify({ type: 'connection_init', payload: { authorization: person.token, person } }),
      answeredBy: '"connection_ack"',
    },
  ],
  follow: (id, roomId) => ({
    say: JSON.stringify({ id: String(id), type: 'subscribe', payload: { query: FOLLOW, variables: { roomId } } }),
    answeredBy: followed,
  }),
  send: (id, roomId, body) =>
    JSON.stringify({ id: `s${id}`, type: 'subscribe', payload: { query: SEND, variables: { input: { roomId, body } } } }),
  outcome: (text) =>
    text.includes('"errors"') || text.includes('"type":"error"')
      ? 'refused'
      : text.includes('"type":"complete"')
        ? 'sent'
        : 'nothing',
});

const raw: Dialect = {
  path: '/',
  protocol: null,
  enter: (person) => [{ say: JSON.stringify({ type: 'init', person }), answeredBy: '"ack"' }],
  follow: (id, roomId) => ({ say: JSON.stringify({ type: 'follow', id, roomId }), answeredBy: '"following"' }),
  send: (id, roomId, body) => JSON.stringify({ type: 'send', id, roomId, body }),
  outcome: (text) => (text.includes('"error"') ? 'refused' : 'sent'),
};

const socketIo: Dialect = {
  path: '/socket.io/?EIO=4&transport=websocket',
  protocol: null,
  enter: (person) => [
    { say: null, answeredBy: '"sid"' },
    { say: `40${JSON.stringify({ person })}`, answeredBy: '40{"sid"' },
  ],
  follow: (id, roomId) => ({ say: `42${id}${JSON.stringify(['follow', roomId])}`, answeredBy: `43${id}[` }),
  send: (id, roomId, body) => `42${id}${JSON.stringify(['send', roomId, body])}`,
  outcome: (text) => (text.includes('"error"') ? 'refused' : text.startsWith('43') ? 'sent' : 'nothing'),
};

/** By the name of the server. The tutorial's server does not say when a subscription stands: ask it how many do. */
export const DIALECTS: Readonly<Record<string, Dialect>> = {
  parley: graphql('"CaughtUp"'),
  tutorial: graphql(null),
  raw,
  'socket-io': socketIo,
};
