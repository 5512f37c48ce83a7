import { useSyncExternalStore } from 'react';

/** The id of the open room, kept in the address (`#room/id`), so that reloading and going back do what they should; null for none. */
export function useOpenRoom(): string | null {
  return useSyncExternalStore(watch, read);
}

function watch(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

const read = (): string | null => /^#room\/(.+)$/.exec(location.hash)?.[1] ?? null;
