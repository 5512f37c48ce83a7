import { expect, it } from 'vitest';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';
import { atOnce, JS_NAMES, randomName } from './fixtures.ts';

const SLOW = { burst: 10, perSecond: 0.01 };

onEveryStore('rate limits', (site) => {
  it('allows the burst at once and refuses what is beyond, saying how long', async () => {
    const key = randomName();
    for (let taken = 0; taken < 10; taken += 1) {
      expect(await site.store.rates.take(key, SLOW)).toEqual({ allowed: true, retryAfterMs: 0 });
    }
    const refused = await site.other.rates.take(key, SLOW);
    expect(refused.allowed).toBe(false);
    expect(refused.retryAfterMs).toBeGreaterThan(90_000);
    expect(refused.retryAfterMs).toBeLessThanOrEqual(100_000);
  });

  it('S10 allows the burst, not one more, to any number of calls at once over two processes', async () => {
    const key = randomName();
    const answers = await Promise.all(atOnce(site, 100, (store) => store.rates.take(key, SLOW)));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(10);
    for (const { allowed, retryAfterMs } of answers) if (!allowed) expect(retryAfterMs).toBeGreaterThan(0);
  });

  it('takes nothing with a refused call', async () => {
    const key = randomName();
    const rate = { burst: 1, perSecond: 20 };
    await site.store.rates.take(key, rate);
    const start = performance.now();
    await waitFor(async () => (await site.store.rates.take(key, rate)).allowed, { what: 'the allowance' });
    // Asked every few ms meanwhile: had each call taken something, this would never have come.
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('allows again when it said it would, not before', async () => {
    const key = randomName();
    const rate = { burst: 2, perSecond: 10 };
    await site.store.rates.take(key, rate);
    await site.store.rates.take(key, rate);
    const { retryAfterMs } = await site.store.rates.take(key, rate);
    const start = performance.now();
    await waitFor(async () => (await site.store.rates.take(key, rate)).allowed, { what: 'the allowance' });
    expect(performance.now() - start).toBeGreaterThan(retryAfterMs - 10);
  });

  it('saves up no more than the burst, however long a key is left alone', async () => {
    const [key, ...others] = Array.from({ length: 8 }, () => randomName());
    for (const other of others) await site.store.rates.take(other, SLOW);
    const rate = { burst: 2, perSecond: 10 };
    await site.store.rates.take(key ?? '', rate);
    const start = performance.now();
    await waitFor(() => performance.now() > start + 600, { what: 'time to pass' });
    const back = performance.now();
    const answers = await Promise.all(atOnce(site, 10, (store) => store.rates.take(key ?? '', rate)));
    const allowed = answers.filter((answer) => answer.allowed).length;
    expect(allowed).toBeGreaterThanOrEqual(2);
    expect(allowed).toBeLessThanOrEqual(2 + Math.ceil(((performance.now() - back) / 1000) * rate.perSecond));
  });

  it('S10 keeps to the rate within one over a second of hammering from two processes', async () => {
    const key = randomName();
    const rate = { burst: 20, perSecond: 50 };
    const start = performance.now();
    let allowed = 0;
    while (performance.now() - start < 1000) {
      const answers = await Promise.all(atOnce(site, 4, (store) => store.rates.take(key, rate)));
      allowed += answers.filter((answer) => answer.allowed).length;
    }
    // What a stall at the very end left over.
    while ((await site.store.rates.take(key, rate)).allowed) allowed += 1;
    const most = rate.burst + ((performance.now() - start) / 1000) * rate.perSecond;
    expect(allowed).toBeLessThanOrEqual(most + 1);
    expect(allowed).toBeGreaterThanOrEqual(most - 2);
  });

  it('counts each key by itself, whatever it says', async () => {
    const keys = [...JS_NAMES, 'a:b', '{x}', 'a\r\nb', '', ' ', '*', '\u0000', 'ключ', '🙂', 'x'.repeat(10_000)].map(
      (key) => `${randomName()}${key}`,
    );
    for (const key of keys) {
      expect((await site.store.rates.take(key, { burst: 1, perSecond: 0.01 })).allowed).toBe(true);
      expect((await site.other.rates.take(key, { burst: 1, perSecond: 0.01 })).allowed).toBe(false);
    }
    for (const name of JS_NAMES) expect((await site.store.rates.take(name, SLOW)).allowed).toBe(true);
  });
});
