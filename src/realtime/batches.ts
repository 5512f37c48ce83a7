/** Asks about one thing, together with whatever else is asked about meanwhile. */
export type AskInBatches<T, R> = (item: T) => Promise<R>;

interface Asked<T, R> {
  readonly item: T;
  readonly resolve: (answer: R | PromiseLike<R>) => void;
}

// Answers that take longer than this (a part of the store may be away) hold up no further questions.
const PATIENCE_MS = 100;

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

  function start(items: readonly T[]): readonly Promise<R>[] {
    try {
      return read(items);
    } catch (error) {
      return items.map(() => Promise.reject(error));
    }
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      const answers = start(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => {
        resolve(answers[index] as Promise<R>);
      });
      await settled(answers);
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

/** Resolves when all have their answer, or when the others have waited long enough for some of them. */
async function settled(answers: readonly Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS).unref();
  });
  await Promise.race([Promise.allSettled(answers), patience]);
  clearTimeout(timer);
}
