import type { Clock } from '../domain/clock.ts';

/** A hold on a thing. */
export interface Held<T> {
  readonly value: T;
  /** Lets go of it; once counts, however often. */
  release(): void;
}

/** Things shared by name and counted: made for the first who asks, closed some time after the last has gone. */
export interface Registry<T> {
  /** Holds the thing of that name until `release` is called (once counts, however often). */
  acquire(name: string): Held<T>;
  /** Forgets a thing that has closed by itself; the next to ask gets a new one. */
  discard(name: string, value: T): void;
  /** All that exist, held or lingering. */
  entries(): readonly (readonly [string, T])[];
  readonly size: number;
  /** Closes everything. */
  close(): Promise<void>;
}

interface Entry<T> {
  readonly name: string;
  readonly value: T;
  holders: number;
}

// Things closed in one turn of the loop.
const CLOSE_TOGETHER = 100;

// A class, as there are some for every connection.
class Hold<T> implements Held<T> {
  readonly #entry: Entry<T>;
  #letGo: ((entry: Entry<T>) => void) | null;

  constructor(entry: Entry<T>, letGo: (entry: Entry<T>) => void) {
    this.#entry = entry;
    this.#letGo = letGo;
  }

  get value(): T {
    return this.#entry.value;
  }

  release(): void {
    this.#letGo?.(this.#entry);
    this.#letGo = null;
  }
}

/**
 * @param make makes the thing of that name
 * @param close closes one; never rejects
 * @param lingerMs how long one that nobody holds is kept for those who come right back
 */
export function createRegistry<T>(
  make: (name: string) => T,
  close: (value: T) => Promise<void>,
  clock: Clock,
  lingerMs: number,
): Registry<T> {
  const held = new Map<string, Entry<T>>();
  // Those that nobody holds, in the order in which they are to be closed, and when.
  const lingering = new Map<Entry<T>, number>();
  let cancel: (() => void) | null = null;

  function watch(): void {
    const [next] = lingering.values();
    if (next === undefined || cancel !== null) return;
    cancel = clock.after(Math.max(0, next - clock.now()), expire);
  }

  // What was let go of together is not closed all at once.
  function expire(): void {
    cancel = null;
    let closed = 0;
    for (const [entry, at] of lingering) {
      if (at > clock.now() || closed === CLOSE_TOGETHER) break;
      closed += 1;
      lingering.delete(entry);
      held.delete(entry.name);
      void close(entry.value);
    }
    watch();
  }

  function release(entry: Entry<T>): void {
    entry.holders -= 1;
    if (entry.holders > 0 || held.get(entry.name) !== entry) return;
    lingering.set(entry, clock.now() + lingerMs);
    watch();
  }

  return {
    acquire(name) {
      let entry = held.get(name);
      if (!entry) {
        entry = { name, value: make(name), holders: 0 };
        held.set(name, entry);
      }
      lingering.delete(entry);
      entry.holders += 1;
      return new Hold(entry, release);
    },
    discard(name, value) {
      const entry = held.get(name);
      if (entry?.value !== value) return;
      lingering.delete(entry);
      held.delete(name);
    },
    entries: () => [...held].map(([name, { value }]) => [name, value] as const),
    get size() {
      return held.size;
    },
    async close() {
      const all = [...held.values()];
      held.clear();
      lingering.clear();
      cancel?.();
      await Promise.all(all.map(({ value }) => close(value)));
    },
  };
}
