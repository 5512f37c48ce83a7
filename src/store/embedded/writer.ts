import type { RootDatabase } from 'lmdb';
import { DomainError, StaleGuardError, unavailable } from '../../domain/errors.ts';
import type { RoomEvent, RoomSignal, UserSignal } from '../../domain/event.ts';

/** The part of the log that the store uses. */
export interface Log {
  error(details: object, message: string): void;
}

/** Where the news of stored steps goes. */
export interface Outlet {
  publish(roomId: string, news: RoomEvent | RoomSignal): void;
  tell(userId: string, signal: UserSignal): void;
}

/** What one atomic step has at hand. News given to it goes out once the step is stored, in the order of the steps. */
export interface Step extends Outlet {
  /** The time of the step. */
  readonly now: number;
}

/** Runs steps, one after the other, many to a commit. */
export interface Writer {
  /**
   * Runs `work` as one atomic step and resolves with its result once it is on the disk. Where it throws, nothing of it is stored or told and the
   * promise rejects with that error; where the disk refuses, with UNAVAILABLE.
   */
  write<T>(work: (step: Step) => T): Promise<T>;
  /** Lets what runs finish; every later write is UNAVAILABLE. */
  close(): Promise<void>;
}

interface Job {
  /** Runs the step, inside the transaction; never throws. */
  run(): void;
  /** Tells the outcome once the transaction is stored. */
  settle(): void;
  fail(error: unknown): void;
}

// A commit holds up the event loop while its steps run, some 20 µs each.
const STEPS_PER_COMMIT = 200;

/** A writer that gives the news of what it has stored to `outlet`. */
export function createWriter(root: RootDatabase, now: () => number, outlet: Outlet, log: Log): Writer {
  const waiting: Job[] = [];
  let running: Promise<void> | null = null;
  let closed = false;

  async function commit(): Promise<void> {
    const jobs = waiting.splice(0, STEPS_PER_COMMIT);
    try {
      await root.transaction(() => {
        for (const job of jobs) job.run();
      });
    } catch (error) {
      report(error, log);
      for (const job of jobs) job.fail(unavailable(error));
      return;
    }
    for (const job of jobs) job.settle();
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) await commit();
    running = null;
  }

  function createJob<T>(work: (step: Step) => T, resolve: (value: T) => void, reject: (error: unknown) => void): Job {
    let settle = () => reject(unavailable());
    return {
      run() {
        const news: (() => void)[] = [];
        const publish: Outlet['publish'] = (roomId, event) => news.push(() => outlet.publish(roomId, event));
        const tell: Outlet['tell'] = (userId, signal) => news.push(() => outlet.tell(userId, signal));
        try {
          // A transaction inside the transaction: else what a failing step has written is committed with its neighbours.
          const value = root.transactionSync(() => work({ now: now(), publish, tell }));
          settle = () => {
            for (const each of news) each();
            resolve(value);
          };
        } catch (error) {
          settle = () => reject(error);
        }
      },
      settle: () => settle(),
      fail: reject,
    };
  }

  return {
    write(work) {
      if (closed) return Promise.reject(unavailable());
      return new Promise((resolve, reject) => {
        waiting.push(createJob(work, resolve, (error) => reject(asDomainError(error))));
        running ??= Promise.resolve().then(drain);
      });
    },
    async close() {
      closed = true;
      await running;
    },
  };
}

/** What lmdb throws has a numeric code: a full disk, a broken file. Anything else unexpected is a fault of ours and stays as it is. */
function asDomainError(error: unknown): unknown {
  if (error instanceof DomainError || error instanceof StaleGuardError) return error;
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? unavailable(error) : error;
}

/** lmdb puts the reason of a failed commit into a promise on the error, which rejects unhandled where nobody takes it. */
function report(error: unknown, log: Log): void {
  const tell = (reason: unknown) => log.error({ err: reason }, 'the embedded store could not write');
  if (error instanceof Error && 'commitError' in error) Promise.resolve(error.commitError).catch(tell);
  else tell(error);
}
