/** Gives one after the other, and begins again. Throws where there is none. */
export function inTurn<T>(all: readonly T[]): () => T {
  let next = 0;
  return () => {
    const one = all[next % all.length];
    next += 1;
    if (one === undefined) throw new Error('There is nobody to take turns.');
    return one;
  };
}
