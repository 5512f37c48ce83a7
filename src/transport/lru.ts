/** A memory of the values used last, bounded by count and by weight. */
export interface Lru<V> {
  get(key: string): V | undefined;
  /** Remembers the value; what alone is heavier than all that may be kept is not. */
  set(key: string, value: V, weight: number): void;
  readonly size: number;
}

/** A memory for at most `count` values and `weight` in all. */
export function createLru<V>(bounds: { readonly count: number; readonly weight: number }): Lru<V> {
  // A Map keeps the order of insertion: the first entry is the one used longest ago.
  const entries = new Map<string, { readonly value: V; readonly weight: number }>();
  let total = 0;

  function drop(key: string): void {
    total -= entries.get(key)?.weight ?? 0;
    entries.delete(key);
  }

  function trim(): void {
    for (const key of entries.keys()) {
      if (entries.size <= bounds.count && total <= bounds.weight) return;
      drop(key);
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, weight) {
      drop(key);
      if (weight > bounds.weight) return;
      entries.set(key, { value, weight });
      total += weight;
      trim();
    },
    get size() {
      return entries.size;
    },
  };
}
