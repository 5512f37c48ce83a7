/** Runs `work` so many times, one after the other. Resolves with the time each took, µs. */
export async function timeEach(times: number, work: (index: number) => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const start = performance.now();
    await work(i);
    taken.push((performance.now() - start) * 1000);
  }
  return taken;
}
