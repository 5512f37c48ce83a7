// A process of its own that holds an embedded store, for the tests that end it. It says what it does on standard output, one line each.
import { createEmbeddedStore } from '../../src/store/embedded/index.ts';
import { send } from './fixtures.ts';

const [act = '', dataDir = '', roomId = '', authorId = ''] = process.argv.slice(2);
const say = (...words: (string | number)[]) => process.stdout.write(`${words.join(' ')}\n`);
const log = { warn: () => undefined, error: () => undefined };

/** Sends without end, eight at a time; says each once it has been acknowledged. */
async function sendForEver(): Promise<void> {
  const store = await createEmbeddedStore({ dataDir, log });
  say('open');
  const one = async (sender: number) => {
    for (let count = 0; ; count += 1) {
      const message = await send(store, roomId, authorId, { body: `from ${sender}: ${count}` });
      say('sent', message.number, message.at, message.body);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, sender) => one(sender)));
}

/** Sends as told, one message a line, and says how it went. */
async function sendWhenTold(): Promise<void> {
  const store = await createEmbeddedStore({ dataDir, log });
  await store.feed.watchRoom(roomId, ({ event }) => say('heard', 'position' in event ? event.position.number : event.type));
  say('open');
  for await (const chunk of process.stdin) {
    for (const line of String(chunk).trim().split('\n')) {
      const body = line.repeat(1000);
      await send(store, roomId, authorId, { body }).then(
        ({ number }) => say('sent', number),
        (error: { code?: string }) => say('failed', error.code ?? String(error)),
      );
      const [head] = await store.timeline.heads([roomId]);
      say('head', head?.number ?? -1);
    }
  }
  await store.close();
  say('closed');
}

/** Opens the store and keeps it, or says why not. */
async function hold(): Promise<void> {
  await createEmbeddedStore({ dataDir, log });
  say('open');
  process.stdin.resume();
}

process.on('unhandledRejection', (reason) => {
  say('unhandled', String(reason));
  process.exit(70);
});
const acts: Record<string, () => Promise<void>> = { sendForEver, sendWhenTold, hold };
await acts[act]?.().catch((error: unknown) => say('refused', error instanceof Error ? error.message : String(error)));
