/** The length of a message in all benchmarks. */
export const BODY_LENGTH = 70;

const MARK = 0x7e;
const FILL = ' and what follows is there to make it as long as a message mostly is...';

/** A message that carries a word of up to 20 letters, found again by {@link wordIn}. */
export const bodyWith = (word: string): string => `~${word}~${FILL}`.padEnd(BODY_LENGTH, '.').slice(0, BODY_LENGTH);

/** The word in a message that arrived; '' where there is none. */
export function wordIn(bytes: Buffer, from: number, to: number): string {
  const start = bytes.indexOf(MARK, from);
  if (start === -1 || start >= to) return '';
  return bytes.toString('latin1', start + 1, bytes.indexOf(MARK, start + 1));
}
