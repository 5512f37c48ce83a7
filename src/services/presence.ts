import type { Presence } from '../domain/presence.ts';
import type { Loaders } from './loaders.ts';
import type { MaybePrincipal } from './principal.ts';

/** Who is online, for those who may know. */
export interface PresenceReads {
  /**
   * The user's presence, where the viewer shares a room with them or is them; to all others everyone is offline and never was there.
   * `seenIn` is a room the user was met in, null for none: it is tried first and saves reading lists of rooms.
   */
  of(viewer: MaybePrincipal, loaders: Loaders, userId: string, seenIn: string | null): Promise<Presence>;
}

const HIDDEN: Presence = { online: false, lastSeenAt: null };

/** How many shared rooms are confirmed at once; nearly always the first is right. */
const CHUNK = 4;

async function bothIn(loaders: Loaders, roomId: string, a: string, b: string): Promise<boolean> {
  const found = await Promise.all([a, b].map((userId) => loaders.membership.load({ roomId, userId })));
  return !found.includes(null);
}

async function shareRoom(loaders: Loaders, a: string, b: string): Promise<boolean> {
  const [mine, theirs] = await Promise.all([loaders.joined.load(a), loaders.joined.load(b)]);
  const known = new Set(theirs);
  const shared = mine.filter((roomId) => known.has(roomId));
  // The lists may name a room too many, so the memberships decide.
  for (let at = 0; at < shared.length; at += CHUNK) {
    const confirmed = await Promise.all(shared.slice(at, at + CHUNK).map((roomId) => bothIn(loaders, roomId, a, b)));
    if (confirmed.includes(true)) return true;
  }
  return false;
}

/** Presence needs no store of its own: all it reads comes through the loaders. */
export function createPresence(): PresenceReads {
  return {
    async of(viewer, loaders, userId, seenIn) {
      const self = viewer?.userId;
      if (self === undefined) return HIDDEN;
      const known =
        self === userId ||
        (seenIn !== null && (await bothIn(loaders, seenIn, self, userId))) ||
        (await shareRoom(loaders, self, userId));
      return known ? loaders.presence.load(userId) : HIDDEN;
    },
  };
}
