import type { RateLimits } from '../../ports/rate-limits.ts';

const LOOKED_AT = 4;

/** GCRA in memory: a restart forgets what was taken, as it forgets the connections that took it. */
export function createRateLimits(now: () => number): RateLimits {
  /** When each key's allowance will be whole again, the least recently used first. */
  const whole = new Map<string, number>();

  /** Forgets keys that are whole again; every call looks at a few more than it can add. */
  function forget(at: number): void {
    let looked = 0;
    for (const [key, wholeAt] of whole) {
      if (wholeAt <= at) whole.delete(key);
      looked += 1;
      if (looked === LOOKED_AT) return;
    }
  }

  return {
    async take(key, { burst, perSecond }) {
      const at = now();
      forget(at);
      const interval = 1000 / perSecond;
      const next = Math.max(at, whole.get(key) ?? at) + interval;
      const wait = next - burst * interval - at;
      if (wait > 0) return { allowed: false, retryAfterMs: Math.ceil(wait) };
      whole.delete(key);
      whole.set(key, next);
      return { allowed: true, retryAfterMs: 0 };
    },
  };
}
