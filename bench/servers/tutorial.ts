import { createServer } from 'node:http';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { useServer as serveSockets } from 'graphql-ws/use/ws';
import { createSchema, createYoga } from 'graphql-yoga';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { appendByScript, describeSent, describeStored, loadScript, type Place, type Sent } from '../lib/reference.ts';
import { answerCalls } from '../lib/remote.ts';
import { listen } from '../lib/serving.ts';
import { usageAnswers } from '../lib/usage.ts';
import type { Person } from '../load/dialects.ts';

// What the documentation of these packages comes to: Yoga for HTTP, graphql-ws with its `useServer({ schema })`, and an async iterator of
// graphql-redis-subscriptions for each subscriber. Each event is executed and written once for each subscriber. Sending takes three calls to
// Redis: a number, the history, the publication. With SEND_BY_SCRIPT=1 it takes the one call that Parley makes.

const typeDefs = `
  type Query { hello: String }
  type User { id: ID!, username: String!, displayName: String! }
  type Message { id: ID!, body: String!, createdAt: String!, author: User! }
  type MessageSent { cursor: String!, message: Message! }
  type StoredMessage { id: ID!, createdAt: String! }
  type SendMessagePayload { message: StoredMessage! }
  input SendMessageInput { roomId: ID!, body: String! }
  type Mutation { sendMessage(input: SendMessageInput!): SendMessagePayload! }
  type Subscription { roomEvents(roomId: ID!): MessageSent! }
`;

interface Context {
  readonly person: Person;
}

interface SendArgs {
  readonly input: { readonly roomId: string; readonly body: string };
}

const person = z.object({ userId: z.string(), username: z.string(), displayName: z.string(), token: z.string() });
const byScript = process.env.SEND_BY_SCRIPT === '1';
const url = process.env.REDIS_URL ?? '';
const redis = new Redis(url);
const pubsub = new RedisPubSub({ publisher: new Redis(url), subscriber: new Redis(url) });
let subscriptions = 0;

const topic = (roomId: string): string => `tutorial:${roomId}`;

async function sendInSteps(roomId: string, author: Person, body: string): Promise<Place> {
  const number = await redis.incr(`tutorial:number:${roomId}`);
  const at = Date.now();
  const sent: Sent = describeSent(roomId, { epoch: '0123456789ab', number, at, body }, author);
  await redis.zadd(`tutorial:messages:${roomId}`, number, JSON.stringify(sent.message));
  await pubsub.publish(topic(roomId), { roomEvents: sent });
  return { number, at };
}

const schema = createSchema<Context>({
  typeDefs,
  resolvers: {
    Mutation: {
      async sendMessage(_root: unknown, { input: { roomId, body } }: SendArgs, context: Context) {
        const place = byScript
          ? await appendByScript(redis, roomId, context.person.userId, body)
          : await sendInSteps(roomId, context.person, body);
        return { message: describeStored(roomId, place) };
      },
    },
    Subscription: {
      roomEvents: {
        subscribe(_root: unknown, { roomId }: { readonly roomId: string }) {
          subscriptions += 1;
          return pubsub.asyncIterableIterator(topic(roomId));
        },
      },
    },
  },
});

/** The token begins with the user's id; over HTTP that is all there is of a person. */
const bearer = (authorization: string): Person => {
  const token = authorization.replace('Bearer ', '');
  const userId = token.split('.', 1)[0] ?? '';
  return { userId, username: userId, displayName: userId, token };
};

const yoga = createYoga({
  schema,
  logging: false,
  context: ({ request }) => ({ person: bearer(request.headers.get('authorization') ?? '') }),
});
const http = createServer(yoga);
serveSockets(
  { schema, context: ({ connectionParams }) => ({ person: person.parse(connectionParams?.person) }) },
  new WebSocketServer({ server: http, path: '/graphql' }),
);

await loadScript(redis);
const port = await listen(http);
answerCalls({ ...usageAnswers, port: () => port, subscriptions: () => subscriptions });
