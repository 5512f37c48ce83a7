/** The first and the longest wait between two tries, in ms. */
const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/**
 * Waits before the next try: a random time, longer with every try, so that those who were cut off together do not come back together;
 * at least `least` ms. Ends early when the browser comes back online.
 */
export async function backOff(tries: number, least = 0): Promise<void> {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** tries);
  const wait = Math.max(least, FIRST_MS / 2 + Math.random() * (most - FIRST_MS / 2));
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, wait);
    if (least === 0) addEventListener('online', done);
  });
}
