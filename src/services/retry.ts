import { DomainError, StaleGuardError } from '../domain/errors.ts';

const TRIES = 8;

/**
 * Runs `attempt` again while it fails because a role it was judged on has changed since. Each run must read and judge anew. Bounded: CONFLICT
 * where the facts keep changing under it.
 */
export async function retryWhenStale<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StaleGuardError)) throw error;
      if (tried === TRIES) throw new DomainError('CONFLICT', 'Others keep changing the same members. Try again.');
    }
  }
}
