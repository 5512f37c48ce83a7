import type { Clock } from '../domain/clock.ts';

/** Things shared by name and counted: made for the first who asks, closed some time after the last has gone. */
export interface Registry<T> {
  /** Holds the thing of that name until `release` is called (once counts, however often). */
  acquire(name: string): { readonly value: T; readonly release: () => void };
  /** Forgets a thing that has closed by itself; the next to ask gets a new one. */
  discard(name: string, value: T): void;
  /** All that exist, held or lingering. */
  entries(): readonly (readonly [string, T])[];
  readonly size: number;
  /** Closes everything. */
  close(): Promise<void>;
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
  const held = new Map<string, { value: T; holders: number; cancel: (() => void) | null }>();

  function expire(name: string, entry: { value: T }): void {
    if (held.get(name) !== entry) return;
    held.delete(name);
    void close(entry.value);
  }

  return {
    acquire(name) {
      let entry = held.get(name);
      if (!entry) {
        entry = { value: make(name), holders: 0, cancel: null };
        held.set(name, entry);
      }
      const mine = entry;
      mine.cancel?.();
      mine.cancel = null;
      mine.holders += 1;
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        mine.holders -= 1;
        if (mine.holders === 0) mine.cancel = clock.after(lingerMs, () => expire(name, mine));
      };
      return { value: mine.value, release };
    },
    discard(name, value) {
      const entry = held.get(name);
      if (entry?.value !== value) return;
      entry.cancel?.();
      held.delete(name);
    },
    entries: () => [...held].map(([name, { value }]) => [name, value] as const),
    get size() {
      return held.size;
    },
    async close() {
      const all = [...held.values()];
      held.clear();
      for (const { cancel } of all) cancel?.();
      await Promise.all(all.map(({ value }) => close(value)));
    },
  };
}
