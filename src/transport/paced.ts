/** Work of which much can come at once, done a few pieces in each turn of the event loop, in order: what else there is to do comes in between. */
export interface Paced {
  /** Does it now, or in its turn where this turn of the loop has done enough already. */
  run(work: () => void): void;
  /** How much waits for its turn. */
  readonly waiting: number;
}

/** @param eachTurn pieces done in one turn of the loop: some milliseconds of work */
export function createPaced(eachTurn: number): Paced {
  let queue: (() => void)[] = [];
  let at = 0;
  // What this turn has done already.
  let done = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  }

  function turn(): void {
    scheduled = false;
    for (done = 0; done < eachTurn && at < queue.length; done += 1) queue[at++]?.();
    if (at < queue.length) return schedule();
    queue = [];
    at = 0;
    // To forget what this turn has done.
    if (done > 0) schedule();
  }

  return {
    run(work) {
      schedule();
      if (at < queue.length || done >= eachTurn) return void queue.push(work);
      done += 1;
      work();
    },
    get waiting() {
      return queue.length - at;
    },
  };
}
