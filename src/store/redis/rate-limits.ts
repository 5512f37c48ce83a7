import type { RateLimits } from '../../ports/rate-limits.ts';
import type { Parts } from './parts.ts';
import { asNumber } from './reply.ts';

/** Limits: one key each, gone as soon as the allowance is whole again. */
export function createRateLimits({ scripts }: Parts): RateLimits {
  return {
    async take(key, rate) {
      const [retryAfterMs] = await scripts.takeRate(key, rate);
      return { allowed: retryAfterMs === 0, retryAfterMs: asNumber(retryAfterMs) };
    },
  };
}
