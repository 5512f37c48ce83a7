import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import {
  appendByScript,
  describeSent,
  describeStored,
  hasSession,
  loadScript,
  readPublished,
  roomChannel,
} from '../lib/reference.ts';
import { answerCalls } from '../lib/remote.ts';
import { listen } from '../lib/serving.ts';
import { usageAnswers } from '../lib/usage.ts';
import type { Person } from '../load/dialects.ts';

// The limit: ws, node:http and ioredis and nothing else. One JSON.stringify for an event, one ws.send for a reader. It knows no limits and
// believes everyone, unless SIGN_IN=1 has it look up the session of whoever connects; it sends the same bytes as Parley does.

const person = z.object({ userId: z.string(), username: z.string(), displayName: z.string(), token: z.string() });
const bareInput = z.object({ roomId: z.string(), userId: z.string(), body: z.string(), inFlight: z.number(), ms: z.number() });
const incoming = z.discriminatedUnion('type', [
  z.object({ type: z.literal('init'), person }),
  z.object({ type: z.literal('follow'), id: z.number(), roomId: z.string() }),
  z.object({ type: z.literal('send'), id: z.number(), roomId: z.string(), body: z.string() }),
]);

const posted = z.object({ variables: z.object({ input: z.object({ roomId: z.string(), body: z.string() }) }) });
const signsIn = process.env.SIGN_IN === '1';

const url = process.env.REDIS_URL ?? '';
const redis = new Redis(url);
const subscriber = new Redis(url);
const rooms = new Map<string, { readonly roomId: string; readonly sockets: Set<WebSocket> }>();
const people = new Map<string, Person>();

subscriber.on('message', (channel, news) => {
  const room = rooms.get(channel);
  if (!room) return;
  const published = readPublished(news);
  const author = people.get(published.authorId);
  if (!author) return;
  const roomEvents = describeSent(room.roomId, published, author);
  const text = JSON.stringify({ id: '1', type: 'next', payload: { data: { roomEvents } } });
  for (const socket of room.sockets) socket.send(text);
});

async function follow(socket: WebSocket, roomId: string): Promise<void> {
  const channel = roomChannel(roomId);
  const known = rooms.get(channel);
  if (known) return void known.sockets.add(socket);
  rooms.set(channel, { roomId, sockets: new Set([socket]) });
  await subscriber.subscribe(channel);
}

async function send(socket: WebSocket, author: Person, id: number, roomId: string, body: string): Promise<void> {
  const place = await appendByScript(redis, roomId, author.userId, body);
  const sendMessage = { message: describeStored(roomId, place) };
  socket.send(JSON.stringify({ id: String(id), type: 'next', payload: { data: { sendMessage } } }));
}

function serve(socket: WebSocket): void {
  let self: Person | null = null;
  const handle = async (text: string): Promise<void> => {
    const said = incoming.parse(JSON.parse(text));
    if (said.type === 'init') {
      if (signsIn && !(await hasSession(redis, said.person))) throw new Error('There is no such session.');
      self = said.person;
      people.set(self.userId, self);
      socket.send('{"type":"ack"}');
    } else if (said.type === 'follow') {
      await follow(socket, said.roomId);
      socket.send(`{"type":"following","id":${said.id}}`);
    } else if (self) await send(socket, self, said.id, said.roomId, said.body);
  };
  socket.on('message', (data) => {
    handle(String(data)).catch((error: unknown) => socket.send(JSON.stringify({ type: 'error', error: String(error) })));
  });
  socket.on('close', () => {
    for (const { sockets } of rooms.values()) sockets.delete(socket);
  });
}

/** The script alone, from this process: what sending costs at least. */
async function bare(input: unknown) {
  const { roomId, userId, body, inFlight, ms } = bareInput.parse(input);
  const start = performance.now();
  let events = 0;
  const sender = async (): Promise<void> => {
    while (performance.now() - start < ms) {
      await appendByScript(redis, roomId, userId, body);
      events += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, sender));
  return { events, deliveries: 0, seconds: (performance.now() - start) / 1000 };
}

/** The token begins with the user's id; over HTTP that is all there is of a person. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { input } = posted.parse(JSON.parse(await text(request))).variables;
  const userId = (request.headers.authorization ?? '').replace('Bearer ', '').split('.', 1)[0] ?? '';
  const message = describeStored(input.roomId, await appendByScript(redis, input.roomId, userId, input.body));
  const body = JSON.stringify({ data: { sendMessage: { message } } });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}

const http = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
});
new WebSocketServer({ server: http }).on('connection', serve);
await loadScript(redis);
const port = await listen(http);
answerCalls({ ...usageAnswers, port: () => port, bare });
