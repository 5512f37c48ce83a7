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
export const createUserChannel = (userId: string, deps: UserChannelDeps): UserChannel => new NewsOfUser(userId, deps);

// A class, as there is one for every user who is connected.
class NewsOfUser implements UserChannel {
  readonly opened: Promise<void>;
  readonly #userId: string;
  readonly #deps: UserChannelDeps;
  readonly #listeners = new Set<UserListener>();
  readonly #watched = new Map<string, Set<() => void>>();
  #version = 0;
  #fresh = true;
  #closed = false;
  #unwatch: (() => Promise<void>) | null = null;

  constructor(userId: string, deps: UserChannelDeps) {
    this.#userId = userId;
    this.#deps = deps;
    this.opened = this.#open();
    this.opened.catch(() => {});
  }

  get fresh(): boolean {
    return this.#fresh;
  }

  get version(): number {
    return this.#version;
  }

  get idle(): boolean {
    return this.#listeners.size === 0 && this.#watched.size === 0;
  }

  addListener(listener: UserListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  addSession(sessionId: string, onRevoked: () => void): () => void {
    const callbacks = this.#watched.get(sessionId) ?? new Set();
    this.#watched.set(sessionId, callbacks.add(onRevoked));
    return () => {
      callbacks.delete(onRevoked);
      if (callbacks.size === 0 && this.#watched.get(sessionId) === callbacks) this.#watched.delete(sessionId);
    };
  }

  check(current: number): void {
    if (this.#closed || current === this.#version) return;
    this.#version = current;
    // Outages are waited out inside; what is left can only mean the channel is closing.
    this.#checkSessions().catch(() => {});
    for (const listener of this.#listeners) listener.roomsChanged(null);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    this.#watched.clear();
    await this.#unwatch?.();
  }

  async #open(): Promise<void> {
    const { feed, versionOf, retry } = this.#deps;
    const isClosed = () => this.#closed;
    const end = await retry(() => feed.watchUser(this.#userId, (signal) => this.#hear(signal)), isClosed);
    if (this.#closed) return end();
    this.#unwatch = end;
    this.#fresh = false;
    this.#version = await retry(() => versionOf(this.#userId), isClosed);
  }

  #hear(signal: UserSignal): void {
    if (this.#closed) return;
    if (signal.type === 'session-revoked') this.#revoke(signal.sessionId);
    else for (const listener of this.#listeners) listener.roomsChanged(signal.roomId);
  }

  #revoke(sessionId: string): void {
    const callbacks = this.#watched.get(sessionId);
    this.#watched.delete(sessionId);
    for (const callback of callbacks ?? []) callback();
  }

  async #checkSessions(): Promise<void> {
    const ids = [...this.#watched.keys()];
    if (ids.length === 0) return;
    const { sessions, retry } = this.#deps;
    const alive = await retry(
      () => sessions.alive(this.#userId, ids),
      () => this.#closed,
    );
    ids.forEach((id, index) => {
      if (!this.#closed && alive[index] === false) this.#revoke(id);
    });
  }
}
