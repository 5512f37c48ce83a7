import { DomainError, StaleGuardError, unavailable } from '../../domain/errors.ts';
import { UnreadableError } from './reply.ts';

/**
 * Replies that say: not now. The command was not carried out. Out of memory, disk full, a replica that was asked to write, still
 * loading, a cluster without all its slots or in the middle of moving one, a script that blocks, too few replicas, wrong credentials.
 */
const NOT_NOW =
  /^(OOM|MISCONF|READONLY|LOADING|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|MASTERDOWN|NOREPLICAS|BUSY|NOAUTH|NOPERM|WRONGPASS) /;

/** Errors that are ioredis's own and no reply: closed, timed out, not connected, no node known. The command may have been carried out. */
const isReply = (error: Error): boolean => error.name === 'ReplyError';

const OURS = [DomainError, StaleGuardError, UnreadableError];

/** What a failed command means to whoever called: UNAVAILABLE, or a fault of ours that stays as it is. */
export function asStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || OURS.some((kind) => error instanceof kind)) return error;
  return isReply(error) && !NOT_NOW.test(error.message) ? error : unavailable(error);
}
