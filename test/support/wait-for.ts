import { setTimeout as pause } from 'node:timers/promises';

/** How long to wait, and for what: the words stand in the error when it does not come. */
export interface Wait {
  readonly what: string;
  readonly timeoutMs?: number;
}

/** Asks again and again until the condition gives something truthy, and returns that. Rejects after the time (default 5 s), naming what did not come. */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = 5000 }: Wait,
): Promise<Exclude<T, null | undefined | false | 0 | ''>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (isTruthy(value)) return value;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await pause(5);
  }
}

const isTruthy = <T>(value: T): value is Exclude<T, null | undefined | false | 0 | ''> => Boolean(value);
