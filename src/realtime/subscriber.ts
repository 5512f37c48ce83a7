/** Takes what is pushed to it, as long as it has room. */
export interface Sink<T> {
  /** The next item. False where it has room for no more: then nothing comes until `resume` is called. */
  item(item: T): boolean;
  /** Nothing comes any more; the reason where it is not a plain end. */
  end(error?: Error): void;
}

/** A stream that can be read in one of two ways: pulled as an async iterable, or pushed to a sink. */
export interface Flow<T> extends AsyncIterableIterator<T> {
  /** Starts pushing, once, instead of any pull. Returns `resume`: call it when the sink has room again. `return()` ends it as ever. */
  flow(sink: Sink<T>): () => void;
}

/** One reader's end of a stream: a backlog to hand out first, then a bounded queue of what is live. */
export interface Subscriber<T> {
  readonly iterator: Flow<T>;
  /**
   * Hands an item to the reader that waits, or queues it. Beyond the bounds the reader is cut off: see `onSlow`. One of 0 bytes is held for others anyway and
   * counts for nothing.
   */
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

interface Reader<T> {
  /** Whether it takes an item now. */
  readonly ready: () => boolean;
  readonly take: (item: T) => void;
  readonly end: (error?: Error) => void;
}

/**
 * A pull, or a push with a brake, over a push. Unlike an async generator, `return()` takes effect at once, also while a `next()` waits: a reader that
 * goes away in silence must not hold its place until the next event.
 */
export function createSubscriber<T>(options: SubscriberOptions): Subscriber<T> {
  let before: readonly T[] = [];
  let beforeAt = 0;
  let queue: { item: T; bytes: number }[] = [];
  let queueAt = 0;
  let counted = 0;
  let queuedBytes = 0;
  let finished: { error: Error | undefined } | null = null;
  let gone = false;
  let started = false;

  const pulls: { resolve: (result: IteratorResult<T>) => void; reject: (error: Error) => void }[] = [];
  const puller: Reader<T> = {
    ready: () => pulls.length > 0,
    take: (item) => pulls.shift()?.resolve({ done: false, value: item }),
    end(error) {
      if (error) pulls.shift()?.reject(error);
      for (const { resolve } of pulls.splice(0)) resolve({ done: true, value: undefined });
    },
  };
  let reader = puller;

  function count(change: number): void {
    if (change === 0) return;
    counted += Math.sign(change);
    queuedBytes += change;
    options.onBytes?.(change);
  }

  function leave(error?: Error): void {
    if (gone) return;
    gone = true;
    before = [];
    queue = [];
    queueAt = 0;
    count(-queuedBytes);
    counted = 0;
    reader.end(error);
    options.onGone();
  }

  function takeQueued(): T {
    const { item, bytes } = queue[queueAt] as { item: T; bytes: number };
    queueAt += 1;
    if (queueAt === queue.length) {
      queue = [];
      queueAt = 0;
    } else if (queueAt > 64 && queueAt * 2 > queue.length) {
      queue = queue.slice(queueAt);
      queueAt = 0;
    }
    count(-bytes);
    return item;
  }

  // Gives as long as there is something to give and somebody to take it; the end comes after the last item, and only to one who asks for more.
  function serve(): void {
    while (!gone && reader.ready()) {
      if (beforeAt < before.length) reader.take(before[beforeAt++] as T);
      else if (queueAt < queue.length) reader.take(takeQueued());
      else {
        if (finished) leave(finished.error);
        return;
      }
    }
  }

  function start(): void {
    if (started) return;
    started = true;
    options.start?.().catch((error: unknown) => {
      finished ??= { error: error instanceof Error ? error : new Error(String(error)) };
      serve();
    });
  }

  const iterator: Flow<T> = {
    [Symbol.asyncIterator]: () => iterator,
    next() {
      if (gone) return Promise.resolve({ done: true, value: undefined });
      start();
      return new Promise((resolve, reject) => {
        pulls.push({ resolve, reject });
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
    flow(sink) {
      let room = true;
      reader = {
        ready: () => room,
        take(item) {
          room = sink.item(item);
        },
        end: (error) => sink.end(error),
      };
      start();
      serve();
      return () => {
        room = true;
        serve();
      };
    },
  };

  return {
    iterator,
    push(item, bytes) {
      if (gone || finished) return;
      // The common case in a busy room: nothing waits and the reader takes it as it comes.
      if (queueAt === queue.length && beforeAt >= before.length && reader.ready()) return reader.take(item);
      // Judged before it is counted: whoever hears of the bytes may have bounds as well, and would cut off the same reader a second time.
      if (counted + Math.sign(bytes) > options.maxEvents || queuedBytes + bytes > options.maxBytes) {
        leave();
        return options.onSlow();
      }
      queue.push({ item, bytes });
      count(bytes);
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
