import type { UserSignal } from '../domain/event.ts';
import type { LiveFeed } from '../ports/live-feed.ts';
import type { Sessions } from '../ports/sessions.ts';
import type { Retry } from './retry.ts';

/** Who listens to one user inside this process. */
export interface UserListener {
  /** Rooms were gained or lost: that one, or (null) any. */
  roomsChanged(roomId: string | null): void;
}

/** One user as this process sees them: one subscription to the store for all their connections here. */
export interface UserChannel {
  /** Resolves once news cannot be missed any more, waiting out an outage; rejects only where the channel closes first. */
  readonly opened: Promise<void>;
  /** Whether the version is still to be read for the first time: then that will be later than now. */
  readonly fresh: boolean;
  /** The version of the user's list that has been acted on. */
  readonly version: number;
  addListener(listener: UserListener): () => void;
  /** Calls `onRevoked` once when that session has ended. */
  addSession(sessionId: string, onRevoked: () => void): () => void;
  readonly idle: boolean;
  /** Compares with the version the store has now: where it moved on, everything about the user is looked at again. */
  check(version: number): void;
  close(): Promise<void>;
}

/** What a user channel needs. */
export interface UserChannelDeps {
  readonly feed: Pick<LiveFeed, 'watchUser'>;
  /** The version of a user now; see `JoinedRooms.versions`. */
  readonly versionOf: (userId: string) => Promise<number>;
  readonly sessions: Pick<Sessions, 'alive'>;
  readonly retry: Retry;
}

/** News about a user is pushed; a version that rises with each piece of it shows what was lost on the way. */
export function createUserChannel(userId: string, deps: UserChannelDeps): UserChannel {
  const listeners = new Set<UserListener>();
  const watched = new Map<string, Set<() => void>>();
  let version = 0;
  let fresh = true;
  let closed = false;
  let unwatch: (() => Promise<void>) | null = null;

  function revoke(sessionId: string): void {
    const callbacks = watched.get(sessionId);
    watched.delete(sessionId);
    for (const callback of callbacks ?? []) callback();
  }

  async function checkSessions(): Promise<void> {
    const ids = [...watched.keys()];
    if (ids.length === 0) return;
    const alive = await deps.retry(
      () => deps.sessions.alive(userId, ids),
      () => closed,
    );
    ids.forEach((id, index) => {
      if (!closed && alive[index] === false) revoke(id);
    });
  }

  function onSignal(signal: UserSignal): void {
    if (closed) return;
    if (signal.type === 'session-revoked') revoke(signal.sessionId);
    else for (const listener of listeners) listener.roomsChanged(signal.roomId);
  }

  async function open(): Promise<void> {
    const end = await deps.retry(
      () => deps.feed.watchUser(userId, onSignal),
      () => closed,
    );
    if (closed) return end();
    unwatch = end;
    fresh = false;
    version = await deps.retry(
      () => deps.versionOf(userId),
      () => closed,
    );
  }

  async function close(): Promise<void> {
    closed = true;
    listeners.clear();
    watched.clear();
    await unwatch?.();
  }

  const opened = open();
  opened.catch(() => {});

  return {
    opened,
    get fresh() {
      return fresh;
    },
    get version() {
      return version;
    },
    addListener(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    addSession(sessionId, onRevoked) {
      const callbacks = watched.get(sessionId) ?? new Set();
      watched.set(sessionId, callbacks.add(onRevoked));
      return () => {
        callbacks.delete(onRevoked);
        if (callbacks.size === 0 && watched.get(sessionId) === callbacks) watched.delete(sessionId);
      };
    },
    get idle() {
      return listeners.size === 0 && watched.size === 0;
    },
    check(current) {
      if (closed || current === version) return;
      version = current;
      // Outages are waited out inside; what is left can only mean the channel is closing.
      checkSessions().catch(() => {});
      for (const listener of listeners) listener.roomsChanged(null);
    },
    close,
  };
}
