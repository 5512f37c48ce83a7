import type { RoomEvent, RoomSignal, UserSignal } from '../domain/event.ts';

/** An event as it came over the wire. */
export type Live<T> = {
  readonly event: T;
  /** Size of the wire form in bytes, for queue limits. */
  readonly bytes: number;
};

/**
 * News from the store, pushed. A hint, at most once: it may lose events without a sign (P5), never invents any. Those of
 * one room arrive in order, unless some are lost. The listener must not throw; unreadable news is dropped and counted, not delivered.
 */
export interface LiveFeed {
  /**
   * Listens to a room. Resolves when the store has confirmed, so everything published later arrives, barring loss. Rejects with
   * UNAVAILABLE where that cannot be had now, leaving nothing behind. The returned function ends it; it never rejects.
   */
  watchRoom(roomId: string, listener: (live: Live<RoomEvent | RoomSignal>) => void): Promise<() => Promise<void>>;
  /** Listens to what concerns one user. As {@link watchRoom}. */
  watchUser(userId: string, listener: (signal: UserSignal) => void): Promise<() => Promise<void>>;
  /** Calls whenever the link has come back (or a shard has moved): anything may have been lost until then. Returns its end. */
  onRestored(listener: () => void): () => void;
  /** Whether the link is up, as far as is known. */
  readonly connected: boolean;
  /** Tells a room's subscribers something that is not kept. No permission is asked here. Resolves when the store has taken it. */
  signal(roomIds: readonly string[], signal: RoomSignal): Promise<void>;
  /** How many channels are being listened to, for metrics and leak checks. */
  readonly channels: number;
}
