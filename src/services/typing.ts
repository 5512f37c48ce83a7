import { notFound } from '../domain/errors.ts';
import { isRoomId } from '../domain/ids.ts';
import type { Deps } from './deps.ts';
import { type MaybePrincipal, requireSignedIn } from './principal.ts';
import { spend } from './rates.ts';

/** Who is typing: told to the room's members, never kept. */
export interface Typing {
  /**
   * Tells the room that the viewer is typing; returns when that fades, ms since 1970 by the store's clock. Throws UNAUTHENTICATED, FORBIDDEN (a
   * public room not joined), NOT_FOUND (any other), RATE_LIMITED.
   */
  start(viewer: MaybePrincipal, roomId: string): Promise<number>;
}

/** @param deps store and settings */
export function createTyping({ store, config }: Deps): Typing {
  return {
    async start(viewer, roomId) {
      const { userId } = requireSignedIn(viewer);
      if (!isRoomId(roomId)) throw notFound('room');
      await spend(store.rates, `typing:${userId}`, config.rates.typing);
      return store.memberships.typing({ roomId, userId, ttlMs: config.typingMs });
    },
  };
}
