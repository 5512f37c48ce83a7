import type { Hub } from './realtime/hub.ts';
import type { Loaders, Services } from './services/index.ts';

/** The signed-in user behind an operation. */
export interface Viewer {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  /** Public handle of the session. */
  readonly sessionId: string;
  /** SHA-256 of the session's token, hex: what sign-out ends. */
  readonly tokenHash: string;
}

/** What one operation may use. Made by the transport for every operation; on subscriptions `loaders` is new for every event. */
export interface Context {
  /** Null when signed out. */
  readonly viewer: Viewer | null;
  readonly services: Services;
  readonly hub: Hub;
  /** Reads batched and remembered for this operation or event only. */
  readonly loaders: Loaders;
  /**
   * Set where one result is made for all members of a room: then there is no viewer, what lies in that room may be read, and whatever is read
   * beside the event itself is told, so that each reader's membership is judged again before they see it.
   */
  readonly room?: { readonly id: string; readonly readBeside: () => void };
  readonly client: {
    /** The address limits count by; behind a trusted proxy the one it reports. */
    readonly address: string;
    /** Called where a subscriber's queue is full: ends the connection with close code 4410. */
    closeSlow(): void;
    /** Called with every change of the bytes that wait for a subscriber on this connection. */
    onQueued?(change: number): void;
    /** Sets (token) or clears (null) the web session's cookie; absent where the request did not ask for one. */
    setWebSession?(token: string | null, expiresAt: number): void;
  };
}
