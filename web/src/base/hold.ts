/** Takes that lock as soon as it is to be had. Returns what lets it go: else it ends with the tab, however that ends. */
export function hold(locks: LockManager, name: string, mode: LockMode, onHeld?: () => void): () => void {
  const end = new AbortController();
  const untilEnd = () => {
    onHeld?.();
    return new Promise<void>((resolve) => end.signal.addEventListener('abort', () => resolve()));
  };
  locks.request(name, { mode, signal: end.signal }, untilEnd).catch(() => undefined);
  return () => end.abort();
}
