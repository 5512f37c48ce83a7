/**
 * Calls `work` with a value at once, then with the newest of what came meanwhile, and so on: never two at a time, and `restMs` between the end of one and the
 * beginning of the next. `work` must not reject.
 */
export function latestOnly<T>(work: (value: T) => Promise<unknown>, restMs: number): (value: T) => void {
  let busy = false;
  let waiting: { readonly value: T } | null = null;

  const call = (value: T) => {
    if (busy) {
      waiting = { value };
      return;
    }
    busy = true;
    void work(value).then(() => setTimeout(goOn, restMs));
  };
  const goOn = () => {
    busy = false;
    const next = waiting;
    waiting = null;
    if (next) call(next.value);
  };
  return call;
}
