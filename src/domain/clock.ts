/** Timers and elapsed time, so that tests can drive them. Wall time comes from the store, never from here. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  now(): number;
  /** Runs once after `ms`; does not keep the process alive. Returns its cancellation. */
  after(ms: number, run: () => void): () => void;
  /** Runs every `ms`; does not keep the process alive. Returns its cancellation. */
  every(ms: number, run: () => void): () => void;
}

/** The clock of this process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    const timer = setInterval(run, ms).unref();
    return () => clearInterval(timer);
  },
};
