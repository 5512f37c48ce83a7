import type { Clock } from '../domain/clock.ts';
import { DomainError } from '../domain/errors.ts';

/** How long to wait between tries. */
export interface Backoff {
  readonly first: number;
  readonly longest: number;
}

/**
 * Runs `read` until it answers. Only UNAVAILABLE is waited out, twice as long each time; any other error is thrown, and so is UNAVAILABLE
 * once `cancelled` says so.
 */
export type Retry = <T>(read: () => Promise<T>, cancelled: () => boolean) => Promise<T>;

/** Reads only: a read repeated changes nothing, so waiting out an outage is safe. */
export function createRetry(clock: Clock, backoff: Backoff): Retry {
  const pause = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  return async (read, cancelled) => {
    for (let wait = backoff.first; ; wait = Math.min(wait * 2, backoff.longest)) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'UNAVAILABLE' || cancelled()) throw error;
      }
      await pause(wait);
    }
  };
}
