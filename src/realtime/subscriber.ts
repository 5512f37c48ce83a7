/** One reader's end of a stream: a backlog to hand out first, then a bounded queue of what is live. */
export interface Subscriber<T> {
  readonly iterator: AsyncIterableIterator<T>;
  /** Queues an item, or hands it to the reader that waits. Beyond the bounds the reader is cut off: see `onSlow`. */
  push(item: T, bytes: number): void;
  /** Hands these out before anything pushed from now on; they are held by reference and do not count as queued. */
  backlog(items: readonly T[]): void;
  /** No more after what is queued; then the reader gets `error`, or a plain end. */
  finish(error?: Error): void;
  readonly queuedBytes: number;
  readonly queued: number;
}

/** What a subscriber is made with. */
export interface SubscriberOptions {
  /** The most that may wait, by count and by bytes (P8). */
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** Called once when the reader is cut off for reading too slowly. */
  readonly onSlow: () => void;
  /** Called once when the reader is gone: it returned, was cut off, or has read to the end. */
  readonly onGone: () => void;
  /** Called with every change of the bytes queued. */
  readonly onBytes?: (change: number) => void;
  /** Runs before the first item is asked for; what it throws the reader gets. */
  readonly start?: () => Promise<void>;
}

/**
 * A pull over a push. Unlike an async generator, `return()` takes effect at once, also while a `next()` waits: a reader that goes away
 * in silence must not hold its place until the next event.
 */
export function createSubscriber<T>(options: SubscriberOptions): Subscriber<T> {
  let before: readonly T[] = [];
  let beforeAt = 0;
  let queue: { item: T; bytes: number }[] = [];
  let queueAt = 0;
  let queuedBytes = 0;
  const waiting: { resolve: (result: IteratorResult<T>) => void; reject: (error: Error) => void }[] = [];
  let finished: { error: Error | undefined } | null = null;
  let gone = false;
  let started = false;

  const count = (change: number) => {
    queuedBytes += change;
    options.onBytes?.(change);
  };

  function leave(): void {
    if (gone) return;
    gone = true;
    before = [];
    queue = [];
    queueAt = 0;
    count(-queuedBytes);
    for (const { resolve } of waiting.splice(0)) resolve({ done: true, value: undefined });
    options.onGone();
  }

  function take(): { item: T } | null {
    if (beforeAt < before.length) return { item: before[beforeAt++] as T };
    const next = queue[queueAt];
    if (next === undefined) return null;
    queueAt += 1;
    if (queueAt > 64 && queueAt * 2 > queue.length) {
      queue = queue.slice(queueAt);
      queueAt = 0;
    }
    count(-next.bytes);
    return next;
  }

  // Serves readers in the order they asked, as long as there is something to give or the end has been reached.
  function serve(): void {
    while (waiting.length > 0) {
      const next = take();
      if (next) {
        waiting.shift()?.resolve({ done: false, value: next.item });
      } else if (finished) {
        const { error } = finished;
        finished = { error: undefined };
        if (error) waiting.shift()?.reject(error);
        leave();
      } else return;
    }
  }

  const fail = (error: unknown) => {
    finished ??= { error: error instanceof Error ? error : new Error(String(error)) };
    serve();
  };

  const iterator: AsyncIterableIterator<T> = {
    [Symbol.asyncIterator]: () => iterator,
    next() {
      if (gone) return Promise.resolve({ done: true, value: undefined });
      if (!started) {
        started = true;
        options.start?.().catch(fail);
      }
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        serve();
      });
    },
    return() {
      leave();
      return Promise.resolve({ done: true, value: undefined });
    },
    throw(error) {
      leave();
      return Promise.reject(error);
    },
  };

  return {
    iterator,
    push(item, bytes) {
      if (gone || finished) return;
      queue.push({ item, bytes });
      count(bytes);
      serve();
      if (queue.length - queueAt > options.maxEvents || queuedBytes > options.maxBytes) {
        leave();
        options.onSlow();
      }
    },
    backlog(items) {
      before = beforeAt < before.length ? [...before.slice(beforeAt), ...items] : items;
      beforeAt = 0;
      serve();
    },
    finish(error) {
      if (gone || finished) return;
      finished = { error };
      serve();
    },
    get queuedBytes() {
      return queuedBytes;
    },
    get queued() {
      return queue.length - queueAt + before.length - beforeAt;
    },
  };
}
