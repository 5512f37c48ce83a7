/** Takes what is pushed to it, as long as it has room. */
export interface Sink<T> {
  /** The next item. False where it has room for no more: then nothing comes until `resume` is called. */
  item(item: T): boolean;
  /** Nothing comes any more; the reason where it is not a plain end. */
  end(error?: Error): void;
  /** Those it shares the way of showing an item with, where there may be any. */
  readonly group?: Group<T>;
}

/**
 * Sinks that do the same with an item. While one has nothing waiting it may join, and items are then handed to the group, once for all who are in it:
 * what makes an event dear is not to show it but to touch everything that belongs to each reader.
 */
export interface Group<T> {
  /** From the next item on this sink is among those that `item` is for. */
  join(sink: Sink<T>): void;
  /** No more for this sink but what the group was told of while it was in; that it still shows. Without effect where it is not in. */
  leave(sink: Sink<T>): void;
  /** The next item, for all who are in. A sink without room for more says so to its own source (`hold`). */
  item(item: T): void;
}

/** A stream that can be read in one of two ways: pulled as an async iterable, or pushed to a sink. */
export interface Flow<T> extends AsyncIterableIterator<T> {
  /** Starts pushing, once, instead of any pull. `return()` ends it as ever. */
  flow(sink: Sink<T>): void;
  /** The sink has no room, found out while it was in its group: nothing comes until `resume` is called. */
  hold(): void;
  /** The sink has room again. */
  resume(): void;
}

/** What a subscriber is made with. */
export interface SubscriberOptions {
  /** The most that may wait, by count and by bytes (P8). */
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** Called once when the reader is cut off for reading too slowly. */
  onSlow(): void;
  /** Called once when the reader is gone: it returned, was cut off, or has read to the end. */
  onGone(): void;
  /** Called with every change of the bytes queued. */
  onBytes?(change: number): void;
  /** Runs before the first item is asked for; what it throws the reader gets. */
  start?(): Promise<void>;
  /** Called when the sink has no room, and when it has and nothing waits any more. */
  onHeld?(): void;
  onIdle?(): void;
}

interface Queued<T> {
  readonly item: T;
  readonly bytes: number;
}

interface Pull<T> {
  resolve(result: IteratorResult<T>): void;
  reject(error: Error): void;
}

const NOTHING: readonly never[] = [];
const DONE = { done: true, value: undefined } as const;

/**
 * One reader's end of a stream: a backlog to hand out first, then a bounded queue of what is live. A pull, or a push with a brake, over a push. Unlike an
 * async generator, `return()` takes effect at once, also while a `next()` waits: a reader that goes away in silence must not hold its place until the
 * next event.
 *
 * A class, as there is one for every reader: what many have in common lies in the prototype.
 */
export class Subscriber<T> implements Flow<T> {
  readonly #options: SubscriberOptions;
  #before: readonly T[] = NOTHING;
  #beforeAt = 0;
  #queue: readonly Queued<T>[] = NOTHING;
  #queueAt = 0;
  #counted = 0;
  #queuedBytes = 0;
  #finished: { readonly error: Error | undefined } | null = null;
  #gone = false;
  #started = false;
  #pulls: Pull<T>[] | null = null;
  #sink: Sink<T> | null = null;
  #room = false;

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  get queued(): number {
    return this.#queue.length - this.#queueAt + this.#before.length - this.#beforeAt;
  }

  /** Where it is pushed to; null before that, and where it is pulled. */
  get sink(): Sink<T> | null {
    return this.#sink;
  }

  /** Whether nothing waits, for whatever reason. */
  get idle(): boolean {
    return !this.#gone && this.#finished === null && this.#isReady() && this.queued === 0;
  }

  /**
   * Hands an item to the reader that waits, or queues it. Beyond the bounds the reader is cut off: see `onSlow`. One of 0 bytes is held for others anyway and
   * counts for nothing.
   */
  push(item: T, bytes: number): void {
    if (this.#gone || this.#finished !== null) return;
    // The common case: nothing waits and the reader takes it as it comes.
    if (this.queued === 0 && this.#isReady()) return this.#take(item);
    const { maxEvents, maxBytes } = this.#options;
    // Judged before it is counted: whoever hears of the bytes may have bounds as well, and would cut off the same reader a second time.
    if (this.#counted + Math.sign(bytes) > maxEvents || this.#queuedBytes + bytes > maxBytes) {
      this.#leave();
      return this.#options.onSlow();
    }
    if (this.#queue === NOTHING) this.#queue = [];
    (this.#queue as Queued<T>[]).push({ item, bytes });
    this.#count(bytes);
  }

  /** Hands these out before anything pushed from now on; they are held by reference and do not count as queued. */
  backlog(items: readonly T[]): void {
    this.#before = this.#beforeAt < this.#before.length ? [...this.#before.slice(this.#beforeAt), ...items] : items;
    this.#beforeAt = 0;
    this.#serve();
  }

  /** No more after what is queued; then the reader gets `error`, or a plain end. */
  finish(error?: Error): void {
    if (this.#gone || this.#finished !== null) return;
    this.#finished = { error };
    this.#serve();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#gone) return Promise.resolve(DONE);
    this.#start();
    return new Promise((resolve, reject) => {
      this.#pulls ??= [];
      this.#pulls.push({ resolve, reject });
      this.#serve();
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.#leave();
    return Promise.resolve(DONE);
  }

  throw(error: Error): Promise<IteratorResult<T>> {
    this.#leave();
    return Promise.reject(error);
  }

  flow(sink: Sink<T>): void {
    this.#sink = sink;
    this.#room = true;
    this.#start();
    this.#serve();
  }

  hold(): void {
    if (!this.#room) return;
    this.#room = false;
    this.#options.onHeld?.();
  }

  resume(): void {
    if (this.#room || this.#gone) return;
    this.#room = true;
    this.#serve();
    if (this.idle) this.#options.onIdle?.();
  }

  #isReady(): boolean {
    return this.#sink === null ? this.#pulls !== null && this.#pulls.length > 0 : this.#room;
  }

  #take(item: T): void {
    if (this.#sink === null) this.#pulls?.shift()?.resolve({ done: false, value: item });
    else if (!this.#sink.item(item)) this.hold();
  }

  #end(error?: Error): void {
    if (this.#sink !== null) return this.#sink.end(error);
    const pulls = this.#pulls ?? [];
    this.#pulls = null;
    if (error) pulls.shift()?.reject(error);
    for (const { resolve } of pulls) resolve(DONE);
  }

  #count(change: number): void {
    if (change === 0) return;
    this.#counted += Math.sign(change);
    this.#queuedBytes += change;
    this.#options.onBytes?.(change);
  }

  #leave(error?: Error): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#before = NOTHING;
    this.#beforeAt = 0;
    this.#queue = NOTHING;
    this.#queueAt = 0;
    this.#count(-this.#queuedBytes);
    this.#counted = 0;
    this.#end(error);
    this.#options.onGone();
  }

  #takeQueued(): T {
    const { item, bytes } = this.#queue[this.#queueAt] as Queued<T>;
    this.#queueAt += 1;
    if (this.#queueAt === this.#queue.length) {
      this.#queue = NOTHING;
      this.#queueAt = 0;
    } else if (this.#queueAt > 64 && this.#queueAt * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#queueAt);
      this.#queueAt = 0;
    }
    this.#count(-bytes);
    return item;
  }

  #takeBefore(): T {
    const item = this.#before[this.#beforeAt] as T;
    this.#beforeAt += 1;
    if (this.#beforeAt === this.#before.length) {
      this.#before = NOTHING;
      this.#beforeAt = 0;
    }
    return item;
  }

  // Gives as long as there is something to give and somebody to take it; the end comes after the last item, and only to one who asks for more.
  #serve(): void {
    while (!this.#gone && this.#isReady()) {
      if (this.#before.length > 0) this.#take(this.#takeBefore());
      else if (this.#queue.length > 0) this.#take(this.#takeQueued());
      else {
        if (this.#finished) this.#leave(this.#finished.error);
        return;
      }
    }
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#options.start?.().catch((error: unknown) => {
      this.#finished ??= { error: error instanceof Error ? error : new Error(String(error)) };
      this.#serve();
    });
  }
}
