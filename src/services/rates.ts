import { DomainError } from '../domain/errors.ts';
import type { Rate, RateLimits } from '../ports/rate-limits.ts';

/** RATE_LIMITED, naming how long to wait: at least a millisecond, or the wait would say "now". */
export const rateLimited = (retryAfterMs: number): DomainError =>
  new DomainError('RATE_LIMITED', 'Too often. Try again later.', { retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) });

/** Takes one from the allowance of `key`, or throws RATE_LIMITED. Counts calls of use cases, so aliases do not slip by. */
export async function spend(rates: RateLimits, key: string, rate: Rate): Promise<void> {
  const { allowed, retryAfterMs } = await rates.take(key, rate);
  if (!allowed) throw rateLimited(retryAfterMs);
}
