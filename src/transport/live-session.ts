import type { Viewer } from '../context.ts';
import type { Hub } from '../realtime/hub.ts';

/** A viewer with the time their session has left. */
export interface Authenticated extends Viewer {
  /** ms left when the store answered. */
  readonly remainingMs: number;
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
   * Watches the session of that token and counts its user as present. `onRevoked` is called once when the session ends; an end
   * in the middle of all this is not missed: watched first, checked again after. Throws UNAVAILABLE, leaving nothing behind.
   */
  open(token: string, onRevoked: () => void): Promise<LiveSession | SessionFault>;
}

/** What that needs. */
export interface LiveSessionDeps {
  readonly authenticate: Authenticate;
  readonly hub: Pick<Hub, 'watchSession' | 'present'>;
  /** Takes a place among the user's connections; null where they have all they may. */
  readonly take: (userId: string) => (() => void) | null;
}

/** The sessions of one process. */
export function createLiveSessions({ authenticate, hub, take }: LiveSessionDeps): LiveSessions {
  return {
    async open(token, onRevoked) {
      const first = await authenticate(token);
      if (first === null) return 'invalid';
      const { userId, sessionId } = first;
      const giveBack = take(userId);
      if (giveBack === null) return 'crowded';
      const ends = [giveBack];
      const close = () => {
        for (const end of ends.splice(0)) end();
      };
      try {
        ends.push(await hub.watchSession({ userId, sessionId, onRevoked }));
        const again = await authenticate(token);
        if (again === null) {
          close();
          return 'invalid';
        }
        ends.push(hub.present(userId));
        return { viewer: again, close };
      } catch (error) {
        close();
        throw error;
      }
    },
  };
}
