/** Does some work once the page has nothing else to do. */
export function whenIdle(work: () => void): void {
  // Safari cannot tell; there it is done soon, in a task of its own.
  if ('requestIdleCallback' in globalThis) requestIdleCallback(work);
  else setTimeout(work);
}
