import type { Viewer } from '../context.ts';
import type { Clock } from '../domain/clock.ts';
import { createBatches } from '../realtime/batches.ts';
import type { Hub, SessionWatch } from '../realtime/hub.ts';

/** A viewer with the time their session has left. */
export interface Authenticated extends Viewer {
  /** ms left when the store answered. */
  readonly remainingMs: number;
  /** The user's version when the session was read: as long as it stays, the session has not been revoked. */
  readonly version: number;
}

/** Whose token this is; null where it is unknown, ended or expired. Throws UNAVAILABLE. */
export type Authenticate = (token: string) => Promise<Authenticated | null>;

/** A signed-in connection. */
export interface LiveSession {
  readonly viewer: Authenticated;
  /** Stops watching; the user is no longer present by this connection. Idempotent. */
  close(): void;
}

/** Why a connection's session could not be opened. */
export type SessionFault = 'invalid' | 'crowded';

/** Opens sessions for connections that stay. */
export interface LiveSessions {
  /**
   * Watches the session of that token and counts its user as present. `onRevoked` is called once when the session ends; an end in the middle of all this
   * is not missed: where the user's version has changed until the watch stood, or was not read again, the session is. Throws UNAVAILABLE, leaving
   * nothing behind.
   */
  open(token: string, onRevoked: () => void): Promise<LiveSession | SessionFault>;
}

/** What that needs. */
export interface LiveSessionDeps {
  readonly authenticate: Authenticate;
  readonly hub: Pick<Hub, 'watchSession' | 'present'>;
  /** Takes a place among the user's connections; null where they have all they may. */
  readonly take: (userId: string) => (() => void) | null;
  readonly clock: Pick<Clock, 'now'>;
}

// Sessions looked up together.
const AT_ONCE = 500;

/** The sessions of one process. */
export function createLiveSessions({ authenticate, hub, take, clock }: LiveSessionDeps): LiveSessions {
  const ask = createBatches<string, Authenticated | null>((tokens) => tokens.map(authenticate), AT_ONCE);

  // As it was found, unless something has happened since.
  async function stillValid(token: string, found: Authenticated, at: number, version: number | null) {
    const remainingMs = found.remainingMs - (clock.now() - at);
    return version === found.version && remainingMs > 0 ? { ...found, remainingMs } : ask(token);
  }

  return {
    async open(token, onRevoked) {
      const at = clock.now();
      const found = await ask(token);
      if (found === null) return 'invalid';
      const { userId, sessionId } = found;
      const giveBack = take(userId);
      if (giveBack === null) return 'crowded';
      let watch: SessionWatch | null = null;
      try {
        watch = await hub.watchSession({ userId, sessionId, onRevoked });
        const viewer = await stillValid(token, found, at, watch.version);
        if (viewer !== null) return new OpenSession(viewer, giveBack, watch, hub.present(userId));
      } catch (error) {
        watch?.end();
        giveBack();
        throw error;
      }
      watch.end();
      giveBack();
      return 'invalid';
    },
  };
}

// A class, as there is one for every connection.
class OpenSession implements LiveSession {
  readonly viewer: Authenticated;
  #giveBack: (() => void) | null;
  readonly #watch: SessionWatch;
  readonly #leave: () => void;

  constructor(viewer: Authenticated, giveBack: () => void, watch: SessionWatch, leave: () => void) {
    this.viewer = viewer;
    this.#giveBack = giveBack;
    this.#watch = watch;
    this.#leave = leave;
  }

  close(): void {
    if (this.#giveBack === null) return;
    this.#giveBack();
    this.#giveBack = null;
    this.#watch.end();
    this.#leave();
  }
}
