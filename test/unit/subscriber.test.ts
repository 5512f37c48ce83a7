import { describe, expect, it, vi } from 'vitest';
import { Subscriber, type SubscriberOptions } from '../../src/realtime/subscriber.ts';

function make(options: Partial<SubscriberOptions> = {}) {
  const onSlow = vi.fn();
  const onGone = vi.fn();
  let bytes = 0;
  const onBytes = (change: number) => {
    bytes += change;
  };
  const subscriber = new Subscriber<number>({ maxEvents: 3, maxBytes: 100, onSlow, onGone, onBytes, ...options });
  return { subscriber, onSlow, onGone, bytes: () => bytes, next: () => subscriber.next() };
}

describe('P8 a subscriber is bounded', () => {
  it('hands out in order, backlog first, whether the reader waits or not', async () => {
    const { subscriber, next } = make();
    const first = next();
    subscriber.backlog([1, 2]);
    subscriber.push(3, 1);
    expect([await first, await next(), await next()].map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  it('cuts a reader off beyond the count, once, and lets go of everything', async () => {
    const { subscriber, onSlow, onGone, bytes, next } = make();
    for (let item = 1; item <= 6; item += 1) subscriber.push(item, 1);
    expect(onSlow).toHaveBeenCalledTimes(1);
    expect(onGone).toHaveBeenCalledTimes(1);
    expect(bytes()).toBe(0);
    expect(await next()).toEqual({ done: true, value: undefined });
  });

  it('cuts a reader off beyond the bytes', () => {
    const { subscriber, onSlow } = make();
    subscriber.push(1, 60);
    expect(onSlow).not.toHaveBeenCalled();
    subscriber.push(2, 60);
    expect(onSlow).toHaveBeenCalledTimes(1);
  });

  it('never tells of more bytes than may wait', () => {
    let bytes = 0;
    let most = 0;
    const onBytes = (change: number) => {
      bytes += change;
      most = Math.max(most, bytes);
    };
    const { subscriber, onSlow } = make({ onBytes });
    for (let item = 1; item <= 3; item += 1) subscriber.push(item, 40);
    expect([most, bytes]).toEqual([80, 0]);
    expect(onSlow).toHaveBeenCalledTimes(1);
  });

  it('does not count what was handed to a waiting reader', async () => {
    const { subscriber, onSlow, next } = make();
    for (let item = 1; item <= 20; item += 1) {
      const waiting = next();
      subscriber.push(item, 90);
      expect((await waiting).value).toBe(item);
    }
    expect(onSlow).not.toHaveBeenCalled();
  });
});

describe('a subscriber ends', () => {
  it('P12 at once when the reader returns, also while it waits', async () => {
    const { subscriber, onGone, next } = make();
    const waiting = next();
    await subscriber.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(onGone).toHaveBeenCalledTimes(1);
    subscriber.push(1, 1);
    expect(subscriber.queued).toBe(0);
  });

  it('P7 with its error only after what was queued before', async () => {
    const { subscriber, onGone, next } = make();
    subscriber.push(1, 1);
    subscriber.finish(new Error('removed'));
    subscriber.push(2, 1);
    expect((await next()).value).toBe(1);
    await expect(next()).rejects.toThrow('removed');
    expect(await next()).toEqual({ done: true, value: undefined });
    expect(onGone).toHaveBeenCalledTimes(1);
  });

  it('with the error of its start', async () => {
    const { next, onGone } = make({ start: () => Promise.reject(new Error('refused')) });
    await expect(next()).rejects.toThrow('refused');
    expect(onGone).toHaveBeenCalledTimes(1);
  });

  it('starts at the first pull, once', async () => {
    const start = vi.fn(async () => {});
    const { subscriber, next } = make({ start });
    expect(start).not.toHaveBeenCalled();
    const waiting = [next(), next()];
    subscriber.push(1, 1);
    subscriber.push(2, 1);
    await Promise.all(waiting);
    expect(start).toHaveBeenCalledTimes(1);
  });
});

describe('a subscriber that flows', () => {
  function flowing(room: number) {
    const { subscriber, onSlow, onGone } = make();
    const items: number[] = [];
    const ends: (Error | undefined)[] = [];
    subscriber.flow({
      item(item) {
        items.push(item);
        return items.length % room !== 0;
      },
      end: (error) => void ends.push(error),
    });
    return { subscriber, onSlow, onGone, items, ends, resume: () => subscriber.resume() };
  }

  it('pushes backlog, then what is live, and holds back where there is no room', () => {
    const { subscriber, items, resume } = flowing(3);
    subscriber.backlog([1, 2, 3, 4]);
    subscriber.push(5, 1);
    expect(items).toEqual([1, 2, 3]);
    resume();
    expect(items).toEqual([1, 2, 3, 4, 5]);
    subscriber.push(6, 1);
    subscriber.push(7, 1);
    expect(items).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('P8 cuts off one that has no room for too long', () => {
    const { subscriber, onSlow, onGone, ends } = flowing(1);
    for (let item = 1; item <= 6; item += 1) subscriber.push(item, 1);
    expect([onSlow.mock.calls.length, onGone.mock.calls.length]).toEqual([1, 1]);
    expect(ends).toEqual([undefined]);
  });

  it('P7 ends with its error after what was queued before, and only then', () => {
    const { subscriber, items, ends, resume } = flowing(1);
    subscriber.push(1, 1);
    subscriber.push(2, 1);
    subscriber.finish(new Error('removed'));
    expect(ends).toEqual([]);
    resume();
    resume();
    expect(items).toEqual([1, 2]);
    expect(ends.map((error) => error?.message)).toEqual(['removed']);
  });

  it('ends at once when it is returned', async () => {
    const { subscriber, items, ends, onGone } = flowing(10);
    await subscriber.return?.();
    subscriber.push(1, 1);
    expect(items).toEqual([]);
    expect([ends.length, onGone.mock.calls.length]).toEqual([1, 1]);
  });
});
