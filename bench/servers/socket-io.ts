import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { z } from 'zod';
import { appendByScript, describeSent, describeStored, loadScript } from '../lib/reference.ts';
import { answerCalls } from '../lib/remote.ts';
import { listen } from '../lib/serving.ts';
import { usageAnswers } from '../lib/usage.ts';

// Socket.IO with its Redis adapter and rooms, by WebSocket only, as its documentation shows it. It stores each message by the same script as the others.

const auth = z.object({
  person: z.object({ userId: z.string(), username: z.string(), displayName: z.string(), token: z.string() }),
});

const url = process.env.REDIS_URL ?? '';
const redis = new Redis(url);
const publisher = new Redis(url);
const http = createServer();
const io = new Server(http, {
  transports: ['websocket'],
  serveClient: false,
  adapter: createAdapter(publisher, publisher.duplicate()),
});

io.on('connection', (socket) => {
  const { person } = auth.parse(socket.handshake.auth);

  socket.on('follow', async (roomId: string, done: (answer: unknown) => void) => {
    await socket.join(roomId);
    done({ following: roomId });
  });

  socket.on('send', async (roomId: string, body: string, done: (answer: unknown) => void) => {
    try {
      const place = await appendByScript(redis, roomId, person.userId, body);
      io.to(roomId).emit('message', describeSent(roomId, { ...place, epoch: '0123456789ab', body }, person));
      done({ message: describeStored(roomId, place) });
    } catch (error) {
      done({ error: String(error) });
    }
  });
});

await loadScript(redis);
const port = await listen(http);
answerCalls({ ...usageAnswers, port: () => port });
