import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Store } from '../../src/ports/store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/index.ts';
import { bodyWith } from '../load/bodies.ts';
import type { Person } from '../load/dialects.ts';
import { inPieces } from './in-pieces.ts';
import { progress } from './progress.ts';
import { benchLog } from './setting.ts';

/** Runs `work` on an embedded store with nothing in it. */
export async function withEmbedded<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'parley-bench-data-'));
  const store = await createEmbeddedStore({ dataDir, log: benchLog });
  try {
    return await work(store);
  } finally {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const SENDS_AT_ONCE = 500;

/** Sends so many messages to a room, as its services do, many at a time. Nothing is trimmed. */
export async function fillRoom(
  { timeline }: Store,
  roomId: string,
  author: Person,
  count: number,
  idempotency: (index: number) => Parameters<Store['timeline']['append']>[0]['idempotency'] = () => null,
): Promise<void> {
  const onDone = progress(`filling a room with ${count.toLocaleString('en-US')} messages`, count);
  const send = (index: number) =>
    timeline.append({
      roomId,
      authorId: author.userId,
      body: bodyWith(index.toString(36)),
      mentions: [],
      replyTo: null,
      idempotency: idempotency(index),
      keep: 0,
    });
  await inPieces(Array.from({ length: count }), SENDS_AT_ONCE, (_, index) => send(index), onDone);
}
