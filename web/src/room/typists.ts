/** How long a user counts as typing after they were last heard of, in ms. */
const LASTS_MS = 3000;

/** Who is typing. */
export interface Typist {
  readonly id: string;
  readonly name: string;
}

/** Those who are typing in a room. */
export interface Typists {
  /** The same array until something changes. */
  get(): readonly Typist[];
  watch(listener: () => void): () => void;
  /** One was heard of: shown for 3 seconds from now. */
  heard(typist: Typist): void;
  /** One has sent what they typed. */
  done(id: string): void;
  close(): void;
}

/** Nobody yet. */
export function createTypists(): Typists {
  let list: readonly Typist[] = [];
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const listeners = new Set<() => void>();
  const set = (next: readonly Typist[]) => {
    list = next;
    for (const listener of listeners) listener();
  };
  const done = (id: string) => {
    if (!timers.has(id)) return;
    clearTimeout(timers.get(id));
    timers.delete(id);
    set(list.filter((one) => one.id !== id));
  };
  return {
    get: () => list,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    heard(typist) {
      clearTimeout(timers.get(typist.id));
      timers.set(
        typist.id,
        setTimeout(() => done(typist.id), LASTS_MS),
      );
      if (!list.some(({ id }) => id === typist.id)) set([...list, typist]);
    },
    done,
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
