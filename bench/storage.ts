import { createHash, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { roomKeys } from '../src/store/redis/keys.ts';
import { atMost, type Bench, type Settings } from './bench.ts';
import { makePeople, makeRoom } from './lib/people.ts';
import { createRecording, PARLEY } from './lib/recording.ts';
import { withSetting } from './lib/setting.ts';
import { fillRoom } from './lib/stores.ts';
import { BODY_LENGTH } from './load/bodies.ts';

const PLAIN = 'without idempotency keys';
const KEYED = 'with idempotency keys, within the day';

const countOf = ({ quick }: Settings): number => (quick ? 2000 : 100_000);

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** What a message takes in Redis. */
export const storage: Bench = {
  name: 'storage',
  title: `Redis memory per message of ${BODY_LENGTH} characters`,
  async run(settings) {
    const recording = createRecording();
    const count = countOf(settings);
    await withSetting(async ({ store, redis }) => {
      const [author] = await makePeople(store, 1, 'author');
      if (!author) throw new Error('There is no author.');
      for (const scenario of [PLAIN, KEYED]) {
        const roomId = await makeRoom(store, 'Room', [author]);
        await fillRoom(store, roomId, author, count, () => {
          const key = randomUUID();
          return scenario === PLAIN ? null : { key, field: digest(key).slice(0, 11), digest: digest(`0${key}`).slice(0, 6) };
        });
        const sizes = await keySizes(redis.client, roomId);
        for (const [key, bytes] of sizes) recording.add(scenario, key, 'bytes per message', 'B', bytes / count);
        const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
        recording.add(scenario, PARLEY, 'bytes per message', 'B', total / count);
      }
    });
    const bytes = (what: string, scenario: string, must: number | null, aim: number | null) =>
      recording.value(
        what,
        { scenario, metric: 'bytes per message', of: PARLEY },
        must === null ? null : atMost(must),
        aim === null ? null : atMost(aim),
      );
    return {
      n: `rooms of ${count.toLocaleString('en-US')} messages; all keys of the room counted (MEMORY USAGE)`,
      figures: [
        bytes(`Redis bytes per ${BODY_LENGTH}-character message, all keys of the room`, PLAIN, 300, 220),
        bytes('the same, sent with a UUID as idempotency key: within the day', KEYED, 300, null),
      ],
      measurements: recording.measurements,
      charts: [recording.chart('Redis memory per message, by key', PLAIN, 'bytes per message', () => true)],
      doubts: [],
    };
  },
};

/** All keys of a room with the memory each takes, named by what follows the room. */
async function keySizes(redis: Redis, roomId: string): Promise<ReadonlyMap<string, number>> {
  const { room } = roomKeys(roomId);
  const sizes = new Map<string, number>();
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${room}*`, 'COUNT', 1000);
    for (const key of keys) {
      const name = key.replace(room, '').replace(/^:keys:.*/, ':keys') || 'room';
      sizes.set(name, (sizes.get(name) ?? 0) + Number(await redis.memory('USAGE', key, 'SAMPLES', 0)));
    }
    cursor = next;
  } while (cursor !== '0');
  return sizes;
}
