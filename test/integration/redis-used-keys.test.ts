import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLua } from '../../src/store/redis/lua-loader.ts';
import { createRandom } from '../support/random.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

const DAY = 86_400_000;
const folder = path.resolve(import.meta.dirname, '../../src/store/redis/lua');

/** The include as a script: looks a key up as the script that sends does, and remembers it where it is new. */
const SCRIPT = loadLua('send', (name) =>
  name === 'send'
    ? `--- @include used-keys
       local at = tonumber(ARGV[2])
       local used = find_used_key(KEYS[1], ARGV[1], at)
       if used then return { used.number, used.at, used.ordinal, used.digest } end
       remember_key(KEYS[1], ARGV[1], at, tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5])
       return false`
    : readFileSync(path.join(folder, `${name}.lua`), 'utf8'),
);

describe('the idempotency keys of a room in Redis', () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis({ durable: false });
    redis = new Redis(server.port, '127.0.0.1');
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const send = (room: string, field: string, at: number, number: number, ordinal = number, digest = 'digest') =>
    redis.eval(SCRIPT, 1, `{${room}}:keys:`, field, at, number, ordinal, digest);
  const keysOf = (room: string) => redis.keys(`{${room}}:keys:*`);
  const fieldOf = (index: number) => Buffer.from(String(index).padStart(8, '0')).toString('base64url');

  it('P4 are all found again, however many there are, and cost some 40 bytes each', async () => {
    const count = 10_000;
    const at = Date.now();
    for (let from = 0; from < count; from += 500) {
      const some = Array.from({ length: 500 }, (_, index) => send('many', fieldOf(from + index), at, from + index + 1));
      expect(new Set(await Promise.all(some))).toEqual(new Set([null]));
    }
    for (let from = 0; from < count; from += 500) {
      const some = Array.from({ length: 500 }, (_, index) => send('many', fieldOf(from + index), at + 1, 0, 0, 'other'));
      expect(await Promise.all(some)).toEqual(
        Array.from({ length: 500 }, (_, index) => [from + index + 1, at, from + index + 1, 'digest']),
      );
    }
    const keys = await keysOf('many');
    expect(keys).toHaveLength(Math.floor(count / 64) + 1);
    const bytes = await Promise.all(keys.map((key) => redis.memory('USAGE', key)));
    expect(bytes.reduce((sum: number, each) => sum + Number(each), 0) / count).toBeLessThan(45);
    expect(new Set(await Promise.all(keys.map((key) => redis.object('ENCODING', key))))).toEqual(new Set(['listpack']));
  });

  it('P4 hold for 24 hours to the millisecond, also over midnight, and are new after that', async () => {
    const midnight = Math.ceil(Date.now() / DAY) * DAY;
    for (const [room, at] of Object.entries({
      before: midnight - 1,
      at: midnight,
      after: midnight + 1,
      noon: midnight + DAY / 2,
    })) {
      expect(await send(room, 'key', at, 1)).toBeNull();
      expect(await send(room, 'key', at, 2)).toEqual([1, at, 1, 'digest']);
      expect(await send(room, 'key', at + DAY - 1, 2)).toEqual([1, at, 1, 'digest']);
      expect(await send(room, 'key', at + DAY, 2)).toBeNull();
      expect(await send(room, 'key', at + 2 * DAY - 1, 3)).toEqual([2, at + DAY, 2, 'digest']);
    }
  });

  it('P12 go by themselves when the day after is over, each of their hashes', async () => {
    const at = Date.now();
    for (let index = 0; index < 300; index += 1) await send('leaving', fieldOf(index), at, index + 1);
    const ends = (Math.floor(at / DAY) + 2) * DAY;
    for (const key of await keysOf('leaving')) expect(Math.abs((await redis.pttl(key)) + Date.now() - ends)).toBeLessThan(2000);
  });

  it('P4 keep numbers of any size that a room can reach', async () => {
    const number = 2 ** 40 - 1;
    const at = Date.now();
    await send('old', 'key', at, number, number - 1, '');
    expect(await send('old', 'key', at, 1)).toEqual([number, at, number - 1, '']);
  });

  it('P4 answer as a plain list of everything sent would', async () => {
    const random = createRandom(20_261_122);
    const sent = new Map<string, { number: number; at: number }>();
    let at = Date.now();
    for (let number = 1; number <= 2000; number += 1) {
      at += random.below(random.chance(0.01) ? DAY : 60_000);
      const field = `field${random.below(400)}`;
      const before = sent.get(field);
      const answer = await send('random', field, at, number);
      if (before && at - before.at < DAY) expect(answer).toEqual([before.number, before.at, before.number, 'digest']);
      else {
        expect(answer).toBeNull();
        sent.set(field, { number, at });
      }
    }
  });
});
