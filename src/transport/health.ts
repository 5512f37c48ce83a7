import type { Clock } from '../domain/clock.ts';

/** Whether this process can serve: asked by load balancers and shown in metrics. */
export interface Health {
  /** The store has answered within the last two seconds. */
  readonly storeAnswers: boolean;
  /** That, and not shutting down. */
  readonly ready: boolean;
  /** From now on not ready, whatever the store says. */
  drain(): void;
  close(): void;
}

const ASK_MS = 500;
const PATIENCE_MS = 2000;

/** Asks the store all the time, so that the answer is there when somebody wants it, whatever the store does. */
export function watchHealth(ping: () => Promise<void>, clock: Clock): Health {
  let answered = clock.now();
  let asking = false;
  let draining = false;

  async function ask(): Promise<void> {
    if (asking) return;
    asking = true;
    try {
      await ping();
      answered = clock.now();
    } catch {
      // Its silence is the answer.
    } finally {
      asking = false;
    }
  }

  const stop = clock.every(ASK_MS, () => void ask());
  return {
    get storeAnswers() {
      return clock.now() - answered <= PATIENCE_MS;
    },
    get ready() {
      return !draining && this.storeAnswers;
    },
    drain() {
      draining = true;
    },
    close: stop,
  };
}
