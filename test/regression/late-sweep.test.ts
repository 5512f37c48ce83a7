import { describe, expect, it } from 'vitest';
import { newUserId } from '../../src/domain/ids.ts';
import { createRedisStore } from '../../src/store/redis/index.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { startRedis } from '../support/redis-server.ts';
import { createStrictLog } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';

describe('P10 P12: a user who leaves two processes at once', () => {
  // Whoever was first to go used to file the user under the end of the other's lease, though that had been shortened by then.
  it('is found offline when the grace is over, not when the leases would have ended', async () => {
    const redis = await startRedis({ durable: false });
    endAfterTest(() => redis.stop());
    const open = async () => {
      const store = await createRedisStore({ redis: redis.redis, log: createStrictLog() });
      endAfterTest(() => store.close());
      return store.presence;
    };
    const [one, two] = [await open(), await open()];
    const users = Array.from({ length: 300 }, () => newUserId());
    await Promise.all([one.renew('one', users, 60_000), two.renew('two', users, 60_000)]);
    await Promise.all(users.flatMap((user) => [one.release('one', user, 100), two.release('two', user, 100)]));
    const gone: string[] = [];
    const sweep = async () => gone.push(...(await one.sweep(500)).map(({ userId }) => userId));
    await waitFor(async () => (await sweep()) === users.length, { what: 'everybody to be gone' }).catch(() => undefined);
    expect(gone.length).toBe(users.length);
  });
});
