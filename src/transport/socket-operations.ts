/** What can be ended before it has come to its end. */
export interface Stoppable {
  return?(): unknown;
}

/** One operation of a socket, from when it was admitted. */
export interface RunningOperation {
  readonly kind: 'subscription' | 'other';
  /** What it streams, once it does. */
  stream: Stoppable | null;
}

/** The bounds of one socket; see config.transport. */
export interface SocketBounds {
  readonly subscriptionsPerSocket: number;
  readonly operationsPerSocket: number;
}

/**
 * The operations of one socket by the client's ids. An id can be used again as soon as the client has completed it, also where the server is not done
 * with it yet: so each keeps its place until it has ended, and is known by itself, not by its id. A class, as there is one for every socket.
 */
export class SocketOperations {
  readonly #bounds: SocketBounds;
  readonly #byId = new Map<string, RunningOperation>();
  #subscriptions = 0;
  #others = 0;
  #closed = false;

  constructor(bounds: SocketBounds) {
    this.#bounds = bounds;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Takes a place for an operation of that kind; null where the socket has as many as it may. Give it back by `end`, once. */
  begin(id: string, kind: RunningOperation['kind']): RunningOperation | null {
    const subscription = kind === 'subscription';
    const [held, most] = subscription
      ? [this.#subscriptions, this.#bounds.subscriptionsPerSocket]
      : [this.#others, this.#bounds.operationsPerSocket];
    if (held >= most) return null;
    if (subscription) this.#subscriptions += 1;
    else this.#others += 1;
    const operation: RunningOperation = { kind, stream: null };
    this.#byId.set(id, operation);
    return operation;
  }

  /** Whether the client still wants to hear of it. */
  isWanted(id: string, operation: RunningOperation): boolean {
    return this.#byId.get(id) === operation;
  }

  /** It streams from now on: until its end, or that of the socket or the client's wish for it, which may have come before. */
  streams(id: string, operation: RunningOperation, stream: Stoppable): void {
    operation.stream = stream;
    if (this.#closed || !this.isWanted(id, operation)) void stream.return?.();
  }

  /** Gives its place back. */
  end(id: string, operation: RunningOperation): void {
    if (operation.kind === 'subscription') this.#subscriptions -= 1;
    else this.#others -= 1;
    if (this.isWanted(id, operation)) this.#byId.delete(id);
  }

  /** The client wants no more of it. */
  complete(id: string): void {
    const operation = this.#byId.get(id);
    this.#byId.delete(id);
    void operation?.stream?.return?.();
  }

  /** Queries and mutations that run. */
  get running(): number {
    return this.#others;
  }

  get subscriptions(): number {
    return this.#subscriptions;
  }

  /** Ends all streams; later ones end at once. */
  close(): void {
    this.#closed = true;
    for (const { stream } of this.#byId.values()) void stream?.return?.();
    this.#byId.clear();
  }
}
