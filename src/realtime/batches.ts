/** Asks about one thing, together with whatever else is asked about meanwhile. */
export type AskInBatches<T, R> = (item: T) => Promise<R>;

interface Asked<T, R> {
  readonly item: T;
  readonly resolve: (answer: R | PromiseLike<R>) => void;
}

/**
 * Gathers what is asked while the answers to what was asked before are on their way, and at least what one turn of the loop asks: a question alone is
 * asked at once, thousands at once are a few round trips. What is asked is read after it was asked, never shared with an earlier question.
 *
 * @param read starts reading, in the order of the items: an answer of its own for each
 * @param most how many may be asked about together
 */
export function createBatches<T, R>(read: (items: readonly T[]) => readonly Promise<R>[], most: number): AskInBatches<T, R> {
  let waiting: Asked<T, R>[] = [];
  let under = false;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      const answers = read(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => {
        resolve(answers[index] as Promise<R>);
      });
      await Promise.allSettled(answers);
    }
    under = false;
  }

  return (item) =>
    new Promise((resolve) => {
      waiting.push({ item, resolve });
      if (under) return;
      under = true;
      setImmediate(run);
    });
}
