import type { CombinedError } from 'urql';
import { isPassing, isSignedOut, retryAfterOf, textOf } from '../errors.ts';

/** A message on its way. */
export interface Pending {
  /** The idempotency key it is sent with, however often it takes. */
  readonly key: string;
  readonly roomId: string;
  readonly body: string;
  /** The message it answers, with the words to show of it. */
  readonly replyTo: { readonly id: string; readonly name: string; readonly body: string } | null;
  /** When it was written, in ms since 1970 by this browser's clock. */
  readonly at: number;
  /** Why the server refused it; null while it is on its way or waits for its event. */
  readonly fault: string | null;
  /** Whether the server has taken it: then its event is all that is missing. */
  readonly taken: boolean;
}

/** What the viewer has sent and not yet seen in the room. It outlives the room's place on the screen, and the page. */
export interface Outbox {
  /** Sends after everything sent to that room before, again and again until the server answers. */
  send(roomId: string, body: string, replyTo?: Pending['replyTo']): void;
  /** Sends a refused one again. */
  retry(key: string): void;
  /** Forgets these: refused and given up, or seen in the room. */
  drop(keys: ReadonlySet<string>): void;
  /** Forgets what the server has taken: what the room shows now has it. */
  dropTaken(roomId: string): void;
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
  /** What an earlier page left unsent, oldest first. */
  readonly left?: readonly Pending[];
  /** Keeps one for the pages to come, until `forget`. */
  readonly save?: (entry: Pending) => void;
  readonly forget?: (key: string) => void;
}

/** An outbox. What was left unsent goes out first, with its old keys: so it arrives once, even where it had arrived already. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const { post, backOff, closed, left = [], save = () => {}, forget = () => {} } = deps;
  let list: readonly Pending[] = left;
  const listeners = new Set<() => void>();
  const queues = new Map<string, Promise<void>>();
  let signedOut = false;

  const set = (next: readonly Pending[]) => {
    list = next;
    for (const listener of listeners) listener();
  };
  const change = (key: string, now: Partial<Pending>) => set(list.map((one) => (one.key === key ? { ...one, ...now } : one)));

  async function deliver(entry: Pending): Promise<void> {
    for (let tries = 0; !closed.aborted && !signedOut; tries += 1) {
      const error = await post(entry);
      if (closed.aborted) return;
      // The user's next session sends it, and all that waits behind it.
      signedOut ||= error !== undefined && isSignedOut(error);
      if (signedOut) return;
      if (!error) {
        forget(entry.key);
        return change(entry.key, { taken: true });
      }
      if (!isPassing(error)) {
        save({ ...entry, fault: textOf(error) });
        return change(entry.key, { fault: textOf(error) });
      }
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
  for (const entry of left) if (entry.fault === null) enqueue(entry);

  return {
    send(roomId, body, replyTo = null) {
      const entry = { key: newKey(), roomId, body, replyTo, at: Date.now(), fault: null, taken: false };
      save(entry);
      set([...list, entry]);
      enqueue(entry);
    },
    retry(key) {
      const entry = list.find((one) => one.key === key);
      if (!entry) return;
      const again = { ...entry, fault: null };
      save(again);
      change(key, { fault: null });
      enqueue(again);
    },
    drop(keys) {
      for (const key of keys) forget(key);
      if (list.some(({ key }) => keys.has(key))) set(list.filter(({ key }) => !keys.has(key)));
    },
    dropTaken(roomId) {
      const gone = list.filter((one) => one.roomId === roomId && one.taken);
      if (gone.length > 0) set(list.filter((one) => !gone.includes(one)));
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
