import type { RoomDelivery, ViewerDelivery } from '../domain/event.ts';
import type { RoomEventsInput } from './room-events.ts';
import type { UserStanding } from './standings.ts';
import type { Flow } from './subscriber.ts';

/** A session that is being watched. */
export interface SessionWatch {
  /** The user's version, read after the watch began: a session found with the same version before has not been revoked. Null where it was not read anew. */
  readonly version: number | null;
  end(): void;
}

/** The live side of one process: one subscription to the store per room, any number of subscribers behind it. */
export interface Hub {
  /**
   * All that happens in a room, for one member (P5, P7). With `after`: what was missed since, then `caught-up`, then live; or one `reset`. Without:
   * `caught-up` at once. Throws NOT_FOUND / FORBIDDEN for one who is no member, at the first pull and, once removed, right after the event that removed
   * them. The reader ends it (return); the hub ends it when it closes. Where the reader's queue is full it is told (`readersEnd`) and the subscription ends.
   */
  roomEvents(input: RoomEventsInput): Flow<RoomDelivery>;
  /** How the user stands to the room right now; null where there is no such room. Many questions at once take few reads. Throws UNAVAILABLE. */
  standing(roomId: string, userId: string): Promise<UserStanding | null>;
  /** Whether the user is a member of the room right now. Many questions at once take few reads. Waits out an outage of the store. */
  isMember(roomId: string, userId: string): Promise<boolean>;
  /**
   * What changes for one user over all rooms, and who of their contacts (the others in their direct rooms) comes and goes. Bursts are merged, the last
   * state always arrives; of contacts, a signal that is lost (P9) is made up for by the next, or when the link to the store is back. Ended by the reader,
   * or by the hub when it closes.
   */
  viewerEvents(input: { readonly userId: string }): AsyncIterableIterator<ViewerDelivery>;
  /**
   * Calls `onRevoked` once when the session has been ended, on whatever node. Resolves when nothing can be missed any more, so check the session itself
   * after that: see {@link SessionWatch}.
   */
  watchSession(input: {
    readonly userId: string;
    readonly sessionId: string;
    readonly onRevoked: () => void;
  }): Promise<SessionWatch>;
  /** Counts a connection of the user as present until the returned function is called. */
  present(userId: string): () => void;
  /** What is held right now, for metrics and leak checks: all 0 some seconds after the last reader left. */
  readonly held: { readonly rooms: number; readonly users: number; readonly subscribers: number; readonly queuedBytes: number };
  /** Ends every iterable and all timers, gives back leases. Idempotent. */
  close(): Promise<void>;
}
