import { useSyncExternalStore } from 'react';

/** A value that can be looked at and followed. */
export interface Store<T> {
  /** The same object until something changes. */
  get(): T;
  set(next: T): void;
  /** Calls after every change. Returns its end. */
  watch(listener: () => void): () => void;
}

/** A store that begins with this value. */
export function createStore<T>(first: T): Store<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The value of a store, in a component that is drawn again when it changes. */
export function useStore<T>(store: Pick<Store<T>, 'get' | 'watch'>): T {
  return useSyncExternalStore(store.watch, store.get);
}
