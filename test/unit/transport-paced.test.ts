import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createAdmission } from '../../src/transport/admission.ts';
import { createPaced } from '../../src/transport/paced.ts';

describe('paced work', () => {
  it('is done at once as long as there is little of it, then a few pieces a turn, in order', async () => {
    const paced = createPaced(3);
    const done: number[] = [];
    for (let piece = 1; piece <= 8; piece += 1) paced.run(() => done.push(piece));
    expect(done).toEqual([1, 2, 3]);
    expect(paced.waiting).toBe(5);
    await turn();
    expect(done).toEqual([1, 2, 3, 4, 5, 6]);
    paced.run(() => done.push(9));
    await turn();
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await turn();
    paced.run(() => done.push(10));
    expect(done).toHaveLength(10);
  });
});

describe('admission', () => {
  it('sends away those for whom too many wait already, and lets in again once they have been let in', async () => {
    const admission = createAdmission(10);
    const entered = Array.from({ length: 8 }, () => admission.entering());
    let upgraded = 0;
    const admit = () =>
      admission.admit(() => {
        upgraded += 1;
      });
    expect(Array.from({ length: 34 }, admit).every(Boolean)).toBe(true);
    expect(upgraded).toBe(32);
    expect(admit()).toBe(false);
    await turn();
    expect(upgraded).toBe(34);
    expect(admit()).toBe(true);
    const more = [admission.entering(), admission.entering()];
    expect(admit()).toBe(false);
    for (const end of [...entered, ...more, ...more]) end();
    expect(admit()).toBe(true);
  });
});
