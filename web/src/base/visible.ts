import { useSyncExternalStore } from 'react';

/** Whether someone can be looking: the page is in front and its window has the focus. */
export const isLookedAt = (): boolean => document.visibilityState === 'visible' && document.hasFocus();

/** Calls whenever that may have changed. Returns its end. */
export function watchLooking(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  addEventListener('focus', listener);
  addEventListener('blur', listener);
  return () => {
    document.removeEventListener('visibilitychange', listener);
    removeEventListener('focus', listener);
    removeEventListener('blur', listener);
  };
}

/** Whether someone can be looking, in a component. */
export const useLookedAt = (): boolean => useSyncExternalStore(watchLooking, isLookedAt);
