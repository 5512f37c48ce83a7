const INTERVAL_MS = 3000;

/** One line about what goes on. Standard output has the results to itself. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Tells every few seconds how far something has come, and how long it will still take. Call the returned function with the number done. */
export function progress(what: string, total: number): (done: number) => void {
  const start = performance.now();
  let told = start;
  return (done) => {
    const now = performance.now();
    if (now - told < INTERVAL_MS && done < total) return;
    if (done >= total && told === start) return;
    told = now;
    const left = ((now - start) / Math.max(1, done)) * (total - done);
    say(`    ${what}: ${Math.floor((100 * done) / total)} %${done < total ? `, ${Math.ceil(left / 1000)} s left` : ''}`);
  };
}
