import { describe, expect, it } from 'vitest';
import { createLru } from '../../src/transport/lru.ts';

describe('the memory of what was used last', () => {
  it('forgets what was used longest ago, by count', () => {
    const lru = createLru<number>({ count: 2, weight: 100 });
    lru.set('a', 1, 1);
    lru.set('b', 2, 1);
    expect(lru.get('a')).toBe(1);
    lru.set('c', 3, 1);
    expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3]);
  });

  it('forgets by weight, and does not take what alone is too heavy', () => {
    const lru = createLru<number>({ count: 10, weight: 100 });
    lru.set('a', 1, 60);
    lru.set('b', 2, 60);
    expect([lru.get('a'), lru.get('b'), lru.size]).toEqual([undefined, 2, 1]);
    lru.set('huge', 3, 101);
    expect([lru.get('huge'), lru.get('b')]).toEqual([undefined, 2]);
    lru.set('b', 4, 100);
    expect([lru.get('b'), lru.size]).toEqual([4, 1]);
  });
});
