/** The first and the longest wait between two tries, in ms. */
const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/** What one may know of a wait. */
export interface Wait {
  /** When it ends by itself, in ms since 1970. */
  readonly until: number;
  /** Ends it now. */
  readonly end: () => void;
}

/**
 * Waits before the next try: a random time, longer with every try, so that those who were cut off together do not come back together;
 * at least `least` ms. Ends early when the browser comes back online or the page to the front.
 */
export async function backOff(tries: number, least = 0, told: (wait: Wait) => void = () => {}): Promise<void> {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** tries);
  const wait = Math.max(least, FIRST_MS / 2 + Math.random() * (most - FIRST_MS / 2));
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener('online', end);
      removeEventListener('visibilitychange', look, true);
      resolve();
    };
    const look = () => {
      if (document.visibilityState === 'visible') end();
    };
    const timer = setTimeout(end, wait);
    told({ until: Date.now() + wait, end });
    if (least > 0) return;
    addEventListener('online', end);
    addEventListener('visibilitychange', look, true);
  });
}
