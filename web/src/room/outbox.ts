import type { CombinedError } from 'urql';
import { isPassing, retryAfterOf, textOf } from '../errors.ts';

/** A message on its way. */
export interface Pending {
  /** The idempotency key it is sent with, however often it takes. */
  readonly key: string;
  readonly roomId: string;
  readonly body: string;
  /** Why the server refused it; null while it is on its way or waits for its event. */
  readonly fault: string | null;
}

/** What the viewer has sent and not yet seen in the room. It outlives the room's place on the screen. */
export interface Outbox {
  /** Sends after everything sent to that room before, again and again until the server answers. */
  send(roomId: string, body: string): void;
  /** Sends a refused one again. */
  retry(key: string): void;
  /** Forgets these: refused and given up, or seen in the room. */
  drop(keys: ReadonlySet<string>): void;
  /** All of it, oldest first; the same array until something changes. */
  pending(): readonly Pending[];
  /** Calls whenever that changes. Returns its end. */
  watch(listener: () => void): () => void;
}

/** What an outbox stands on. */
export interface OutboxDeps {
  /** Asks the server once. Resolves with what went wrong, or undefined. */
  readonly post: (message: Pending) => Promise<CombinedError | undefined>;
  /** Waits before the next try, at least `least` ms. */
  readonly backOff: (tries: number, least: number) => Promise<void>;
  /** Aborted when nothing is to be sent any more. */
  readonly closed: AbortSignal;
}

/** An empty outbox. */
export function createOutbox({ post, backOff, closed }: OutboxDeps): Outbox {
  let list: readonly Pending[] = [];
  const listeners = new Set<() => void>();
  const queues = new Map<string, Promise<void>>();

  const set = (next: readonly Pending[]) => {
    list = next;
    for (const listener of listeners) listener();
  };
  const setFault = (key: string, fault: string | null) => set(list.map((one) => (one.key === key ? { ...one, fault } : one)));

  async function deliver(entry: Pending): Promise<void> {
    for (let tries = 0; !closed.aborted; tries += 1) {
      const error = await post(entry);
      if (!error) return;
      if (!isPassing(error)) return setFault(entry.key, textOf(error));
      await backOff(tries, retryAfterOf(error));
    }
  }

  // One after the other, so that messages arrive in the order they were written.
  const enqueue = (entry: Pending) => {
    const before = queues.get(entry.roomId) ?? Promise.resolve();
    queues.set(
      entry.roomId,
      before.then(() => deliver(entry)),
    );
  };

  return {
    send(roomId, body) {
      const entry = { key: newKey(), roomId, body, fault: null };
      set([...list, entry]);
      enqueue(entry);
    },
    retry(key) {
      const entry = list.find((one) => one.key === key);
      if (!entry) return;
      setFault(key, null);
      enqueue(entry);
    },
    drop(keys) {
      if (list.some(({ key }) => keys.has(key))) set(list.filter(({ key }) => !keys.has(key)));
    },
    pending: () => list,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

// Not crypto.randomUUID: pages over plain http from another machine do not have it.
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
