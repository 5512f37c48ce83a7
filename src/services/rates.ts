import { rateLimited } from '../domain/errors.ts';
import type { Rate, RateLimits } from '../ports/rate-limits.ts';

/** Takes one from the allowance of `key`, or throws RATE_LIMITED. Counts calls of use cases, so aliases do not slip by. */
export async function spend(rates: RateLimits, key: string, rate: Rate): Promise<void> {
  const { allowed, retryAfterMs } = await rates.take(key, rate);
  if (!allowed) throw rateLimited(retryAfterMs);
}
