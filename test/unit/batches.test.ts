import { describe, expect, it } from 'vitest';
import { createBatches } from '../../src/realtime/batches.ts';
import { waitFor } from '../support/wait-for.ts';

/** Reads that answer when told to. */
function openReads(most: number) {
  const batches: { readonly items: readonly number[]; answer(): void }[] = [];
  const ask = createBatches<number, string>((items) => {
    let answer = () => {};
    const told = new Promise<void>((resolve) => {
      answer = resolve;
    });
    batches.push({ items, answer: () => answer() });
    return items.map(async (item) => {
      await told;
      if (item < 0) throw new Error(`${item}`);
      return `answer ${item}`;
    });
  }, most);
  return { ask, batches };
}

describe('questions in batches', () => {
  it('asked in one turn are read together, those of later together after them, and each gets its own answer', async () => {
    const { ask, batches } = openReads(10);
    const first = [ask(1), ask(2)];
    await waitFor(() => batches.length === 1, { what: 'the first batch' });
    const second = [ask(3), ask(4), ask(5)];
    expect(batches.map(({ items }) => items)).toEqual([[1, 2]]);
    batches[0]?.answer();
    expect(await Promise.all(first)).toEqual(['answer 1', 'answer 2']);
    await waitFor(() => batches.length === 2, { what: 'the second batch' });
    batches[1]?.answer();
    expect(await Promise.all(second)).toEqual(['answer 3', 'answer 4', 'answer 5']);
    const third = ask(6);
    await waitFor(() => batches.length === 3, { what: 'the third batch' });
    batches[2]?.answer();
    expect(await third).toBe('answer 6');
  });

  it('are no more than allowed at once', async () => {
    const { ask, batches } = openReads(2);
    const all = Promise.all([1, 2, 3].map(ask));
    await waitFor(() => batches.length === 1, { what: 'the first batch' });
    batches[0]?.answer();
    await waitFor(() => batches.length === 2, { what: 'the second batch' });
    batches[1]?.answer();
    await all;
    expect(batches.map(({ items }) => items)).toEqual([[1, 2], [3]]);
  });

  it('are not held up for long by answers that do not come', async () => {
    const { ask, batches } = openReads(10);
    const slow = ask(1);
    await waitFor(() => batches.length === 1, { what: 'the first batch' });
    const quick = ask(2);
    await waitFor(() => batches.length === 2, { what: 'the second batch' });
    batches[1]?.answer();
    expect(await quick).toBe('answer 2');
    batches[0]?.answer();
    expect(await slow).toBe('answer 1');
  });

  it('fail where reading cannot even begin, and those after do not', async () => {
    let broken = true;
    const ask = createBatches<number, number>((items) => {
      if (broken) throw new Error('broken');
      return items.map(async (item) => item);
    }, 10);
    await expect(ask(1)).rejects.toThrow('broken');
    broken = false;
    expect(await ask(2)).toBe(2);
  });

  it('fail one by one', async () => {
    const { ask, batches } = openReads(10);
    const all = Promise.allSettled([ask(1), ask(-1), ask(2)]);
    await waitFor(() => batches.length === 1, { what: 'the batch' });
    batches[0]?.answer();
    expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const later = ask(3);
    await waitFor(() => batches.length === 2, { what: 'the next batch' });
    batches[1]?.answer();
    expect(await later).toBe('answer 3');
  });
});
