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
export const createUserChannel = (userId: string, deps: UserChannelDeps): UserChannel => new Channel(userId, deps);

interface SessionWatcher {
  readonly sessionId: string;
  readonly onRevoked: () => void;
}

const NONE: ReadonlySet<never> = new Set();

// A class, as there is one for every user. Mostly one session and nobody listening: what holds more is made when it is needed.
class Channel implements UserChannel {
  readonly opened: Promise<void>;
  fresh = true;
  version = 0;
  readonly #userId: string;
  readonly #deps: UserChannelDeps;
  #listeners: Set<UserListener> | null = null;
  readonly #watched: SessionWatcher[] = [];
  #closed = false;
  #unwatch: (() => Promise<void>) | null = null;

  constructor(userId: string, deps: UserChannelDeps) {
    this.#userId = userId;
    this.#deps = deps;
    this.opened = this.#open();
    this.opened.catch(() => {});
  }

  addListener(listener: UserListener): () => void {
    this.#listeners ??= new Set();
    const listeners = this.#listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  addSession(sessionId: string, onRevoked: () => void): () => void {
    const watch = { sessionId, onRevoked };
    this.#watched.push(watch);
    return () => this.#forget(watch);
  }

  get idle(): boolean {
    return (this.#listeners?.size ?? 0) === 0 && this.#watched.length === 0;
  }

  check(current: number): void {
    if (this.#closed || current === this.version) return;
    this.version = current;
    // Outages are waited out inside; what is left can only mean the channel is closing.
    this.#checkSessions().catch(() => {});
    for (const listener of this.#listeners ?? NONE) listener.roomsChanged(null);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners?.clear();
    this.#watched.length = 0;
    await this.#unwatch?.();
  }

  async #open(): Promise<void> {
    const { feed, retry, versionOf } = this.#deps;
    const end = await retry(
      () => feed.watchUser(this.#userId, (signal) => this.#take(signal)),
      () => this.#closed,
    );
    if (this.#closed) return end();
    this.#unwatch = end;
    this.fresh = false;
    this.version = await retry(
      () => versionOf(this.#userId),
      () => this.#closed,
    );
  }

  #take(signal: UserSignal): void {
    if (this.#closed) return;
    if (signal.type === 'session-revoked') this.#revoke(signal.sessionId);
    else for (const listener of this.#listeners ?? NONE) listener.roomsChanged(signal.roomId);
  }

  #forget(watch: SessionWatcher): void {
    const index = this.#watched.indexOf(watch);
    if (index !== -1) this.#watched.splice(index, 1);
  }

  #revoke(sessionId: string): void {
    for (const watch of this.#watched.filter((each) => each.sessionId === sessionId)) {
      this.#forget(watch);
      watch.onRevoked();
    }
  }

  async #checkSessions(): Promise<void> {
    const { sessions, retry } = this.#deps;
    const ids = [...new Set(this.#watched.map(({ sessionId }) => sessionId))];
    if (ids.length === 0) return;
    const alive = await retry(
      () => sessions.alive(this.#userId, ids),
      () => this.#closed,
    );
    ids.forEach((id, index) => {
      if (!this.#closed && alive[index] === false) this.#revoke(id);
    });
  }
}
