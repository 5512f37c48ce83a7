/**
 * Moves a subscription's variables to behind the event just received: `after` becomes its cursor, and `snapshot` false, since what
 * was there before is known by then. For documents that have an `after`; events without a cursor (typing, presence) change nothing.
 */
export function advance(variables: Record<string, unknown>, result: { readonly data?: object | null | undefined }): void {
  if (!('after' in variables)) return;
  const cursor = cursorOf(Object.values(result.data ?? {})[0]);
  if (cursor === null) return;
  variables.after = cursor;
  if ('snapshot' in variables) variables.snapshot = false;
}

function cursorOf(event: unknown): string | null {
  if (typeof event !== 'object' || event === null || !('cursor' in event)) return null;
  return typeof event.cursor === 'string' ? event.cursor : null;
}
