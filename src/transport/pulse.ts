import type { Clock } from '../domain/clock.ts';

/** One timer for all connections, instead of several for each. */
export interface Pulse {
  /** Calls `beat` about once a second, with the clock's time, until the returned function is called. */
  join(beat: (now: number) => void): () => void;
  close(): void;
}

const BEAT_MS = 1000;

/** Starts with the first that joins, rests when the last has left. */
export function createPulse(clock: Clock): Pulse {
  const beats = new Set<(now: number) => void>();
  let stop: (() => void) | null = null;

  function rest(): void {
    stop?.();
    stop = null;
  }

  return {
    join(beat) {
      beats.add(beat);
      stop ??= clock.every(BEAT_MS, () => {
        const now = clock.now();
        for (const each of [...beats]) each(now);
      });
      return () => {
        beats.delete(beat);
        if (beats.size === 0) rest();
      };
    },
    close() {
      beats.clear();
      rest();
    },
  };
}
