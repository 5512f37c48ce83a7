import type { Store } from '../../src/ports/store.ts';
import { createRedisStore } from '../../src/store/redis/index.ts';
import type { Reader } from '../load/crowd.ts';
import type { Person } from '../load/dialects.ts';
import { makePeople, makeRoom } from './people.ts';
import { say } from './progress.ts';
import { type BenchRedis, startRedis } from './redis.ts';

/** A Redis with Parley's store on it. */
export interface Setting {
  readonly redis: BenchRedis;
  readonly store: Store;
  close(): Promise<void>;
}

/** What is wrong with a store while it is measured is worth a line. */
export const benchLog = {
  warn: (facts: object, message: string) => say(`    ${message} ${JSON.stringify(facts)}`),
  error: (facts: object, message: string) => say(`    ${message} ${JSON.stringify(facts)}`),
};

/** How the store reaches a Redis. */
export const redisSettings = (url: string) => ({
  url,
  clusterNodes: null,
  sentinels: null,
  sentinelMaster: '',
  username: null,
  password: null,
  tls: false,
});

/** Starts a Redis and opens the store on it. */
export async function openSetting(): Promise<Setting> {
  const redis = await startRedis();
  const store = await createRedisStore({ redis: redisSettings(redis.url), log: benchLog });
  return {
    redis,
    store,
    async close() {
      await store.close();
      await redis.close();
    },
  };
}

/** Runs `work` on a fresh Redis. */
export async function withSetting<T>(work: (setting: Setting) => Promise<T>): Promise<T> {
  const setting = await openSetting();
  try {
    return await work(setting);
  } finally {
    await setting.close();
  }
}

/** Who reads where, and who writes. */
export interface Audience {
  readonly readers: readonly Reader[];
  readonly sender: Person;
}

/**
 * Makes rooms and readers: each reader follows `each` of the rooms, so that all rooms have the same number. Every reader is a user of their own; one
 * more user is in all rooms and writes.
 */
export async function makeAudience(
  { store }: Setting,
  { sockets, rooms, each }: { readonly sockets: number; readonly rooms: number; readonly each: number },
): Promise<Audience> {
  const [sender, ...people] = await makePeople(store, sockets + 1, 'reader');
  if (!sender) throw new Error('There is no sender.');
  const placesOf = (index: number) => Array.from({ length: each }, (_, i) => (index * each + i) % rooms);
  const members = Array.from({ length: rooms }, () => [sender]);
  people.forEach((person, index) => {
    for (const room of placesOf(index)) members[room]?.push(person);
  });
  const ids: string[] = [];
  for (const [index, inRoom] of members.entries()) ids.push(await makeRoom(store, `Room ${index}`, inRoom));
  const readers = people.map((person, index) => ({ person, rooms: placesOf(index).map((room) => ids[room] ?? '') }));
  return { readers, sender };
}
