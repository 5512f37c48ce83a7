import type { Clock } from '../../src/domain/clock.ts';

/** A clock that moves only when told. */
export interface ManualClock extends Clock {
  /** Moves on by `ms` and runs what falls due, in order. */
  advance(ms: number): void;
  /** Timers that are set. */
  readonly pending: number;
}

export function createManualClock(): ManualClock {
  let now = 0;
  const timers = new Set<{ at: number; every: number | null; run: () => void }>();
  function set(ms: number, every: number | null, run: () => void) {
    const timer = { at: now + ms, every, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  }
  return {
    now: () => now,
    after: (ms, run) => set(ms, null, run),
    every: (ms, run) => set(ms, ms, run),
    advance(ms) {
      const until = now + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        now = due.at;
        if (due.every === null) timers.delete(due);
        else due.at += due.every;
        due.run();
      }
      now = until;
    },
    get pending() {
      return timers.size;
    },
  };
}
