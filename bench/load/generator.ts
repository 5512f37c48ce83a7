import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { answerCalls } from '../lib/remote.ts';
import { usageAnswers } from '../lib/usage.ts';
import { bodyWith } from './bodies.ts';
import { type Crowd, createCrowd } from './crowd.ts';
import { DIALECTS } from './dialects.ts';
import { SEND } from './documents.ts';
import { createHerd, type Herd } from './herd.ts';
import { pace, saturate, sendAll, settle } from './runs.ts';
import { openHttpConnection } from './socket.ts';

// The load generator: all clients of one server, in a process of their own, told what to do by the process that started it.

const person = z.object({ userId: z.string(), username: z.string(), displayName: z.string(), token: z.string() });
const herdInput = z.object({ port: z.number(), people: z.array(person), roomId: z.string(), atOnce: z.number() });
const dropInput = z.object({ head: z.number() });
const connectInput = z.object({ server: z.string(), ports: z.array(z.number()) });
const readersInput = z.object({ readers: z.array(z.object({ person, rooms: z.array(z.string()) })), atOnce: z.number() });
const sendersInput = z.object({ person, count: z.number() });
const saturateInput = z.object({ window: z.number(), ms: z.number() });
const paceInput = z.object({ perSecond: z.number(), ms: z.number(), sampleEvery: z.number(), graceMs: z.number() });
const sendInput = z.object({ roomId: z.string(), inFlight: z.number(), ms: z.number() });
const postInput = z.object({ port: z.number(), token: z.string(), roomId: z.string(), inFlight: z.number(), ms: z.number() });

let crowd: Crowd | null = null;
let herd: Herd | null = null;
let herdSize = 0;

function connected(): Crowd {
  if (crowd === null) throw new Error('Connect first.');
  return crowd;
}

/** As many connections as requests in flight, each with one at a time. */
async function post({ port, token, roomId, inFlight, ms }: z.infer<typeof postInput>) {
  const start = performance.now();
  let events = 0;
  const client = async (): Promise<void> => {
    const connection = openHttpConnection(port, '/graphql', { authorization: `Bearer ${token}` });
    while (performance.now() - start < ms) {
      events += 1;
      const body = bodyWith(events.toString(36));
      const answer = await connection.post(JSON.stringify({ query: SEND, variables: { input: { roomId, body } } }));
      if (answer.includes('"errors"')) throw new Error(`A message was refused: ${answer}`);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  return { events, deliveries: 0, seconds: (performance.now() - start) / 1000 };
}

/** Cuts all at once; resolves when all have come back and have everything up to `head`. */
async function dropHerd(all: Herd, count: number, head: number) {
  const start = performance.now();
  all.drop();
  while (all.reached(head) < count) {
    if (all.faults.length > 0) throw new Error(all.faults.slice(0, 5).join('; '));
    await pause(20);
  }
  return { seconds: (performance.now() - start) / 1000, sentAway: all.sentAway };
}

answerCalls({
  ...usageAnswers,
  connect(input) {
    const { server, ports } = connectInput.parse(input);
    const dialect = DIALECTS[server];
    if (!dialect) throw new Error(`Nobody here speaks with ${server}.`);
    crowd = createCrowd(dialect, ports);
  },
  openReaders(input) {
    const { readers, atOnce } = readersInput.parse(input);
    return connected().openReaders(readers, atOnce);
  },
  openSenders(input) {
    const { person: sender, count } = sendersInput.parse(input);
    return connected().openSenders(sender, count);
  },
  herdStart(input) {
    const { port, people, roomId, atOnce } = herdInput.parse(input);
    herd = createHerd(port, people, roomId);
    herdSize = people.length;
    return herd.start(atOnce);
  },
  herdDrop(input) {
    if (herd === null) throw new Error('Start it first.');
    return dropHerd(herd, herdSize, dropInput.parse(input).head);
  },
  settle: () => settle(connected()),
  saturate: (input) => saturate(connected(), saturateInput.parse(input)),
  pace: (input) => pace(connected(), paceInput.parse(input)),
  send(input) {
    const { roomId, ...how } = sendInput.parse(input);
    return sendAll(connected(), roomId, how);
  },
  post: (input) => post(postInput.parse(input)),
});
