import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { latestOnly } from '../../../web/src/base/latest-only.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('calls at once, then with the newest only, never two at a time and not without a rest', async () => {
  const calls: number[] = [];
  let finish = () => {};
  const work = (value: number) => {
    calls.push(value);
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  };
  const call = latestOnly(work, 100);
  for (const value of [1, 2, 3]) call(value);
  expect(calls).toEqual([1]);
  finish();
  await vi.advanceTimersByTimeAsync(99);
  call(4);
  expect(calls).toEqual([1]);
  await vi.advanceTimersByTimeAsync(1);
  expect(calls).toEqual([1, 4]);
  finish();
  await vi.advanceTimersByTimeAsync(100);
  call(5);
  expect(calls).toEqual([1, 4, 5]);
});
