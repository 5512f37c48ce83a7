/** Counts what is held under each key, e.g. the connections of each address. */
export interface Counts {
  /** Takes one place, or answers null where `limit` are taken. The returned function gives it back, once. */
  take(key: string): (() => void) | null;
  /** How many keys hold something. */
  readonly size: number;
}

/** Counts up to a limit for each key; a key that holds nothing leaves nothing behind. */
export function createCounts(limit: number): Counts {
  const counts = new Map<string, number>();

  function give(key: string): void {
    const left = (counts.get(key) ?? 0) - 1;
    if (left > 0) counts.set(key, left);
    else counts.delete(key);
  }

  return {
    take(key) {
      const held = counts.get(key) ?? 0;
      if (held >= limit) return null;
      counts.set(key, held + 1);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        give(key);
      };
    },
    get size() {
      return counts.size;
    },
  };
}
