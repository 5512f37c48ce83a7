import type { Position } from '../domain/position.ts';
import type { MemberRole, RoomKind } from '../domain/room.ts';
import type { Memberships, Standing } from '../ports/memberships.ts';
import type { Retry } from './retry.ts';

/** How one user stands to a room, true of `position`. */
export interface UserStanding {
  readonly kind: RoomKind;
  readonly position: Position;
  /** Null for one who is no member. */
  readonly role: MemberRole | null;
}

/** Asks for standings, many at once: when a room's subscribers all come back together, a few reads answer for all. */
export interface Standings {
  /** Null where there is no such room. An outage of the store is waited out as `retry` does. */
  of(roomId: string, userId: string): Promise<UserStanding | null>;
}

// Users asked about in one read: bounds how long the store works on it.
const BATCH = 500;

/** Collects what one turn of the loop asks about one room into reads of up to 500 users. */
export function createStandings(memberships: Pick<Memberships, 'standing'>, retry: Retry, closed: () => boolean): Standings {
  const open = new Map<string, { readonly users: Map<string, number>; readonly answer: Promise<Standing | null> }>();

  function batchFor(roomId: string) {
    const current = open.get(roomId);
    if (current && current.users.size < BATCH) return current;
    const users = new Map<string, number>();
    const turn = new Promise<void>((resolve) => setImmediate(resolve));
    const answer = turn.then(() => {
      if (open.get(roomId) === batch) open.delete(roomId);
      return retry(() => memberships.standing(roomId, [...users.keys()]), closed);
    });
    const batch = { users, answer };
    open.set(roomId, batch);
    return batch;
  }

  return {
    async of(roomId, userId) {
      const batch = batchFor(roomId);
      const place = batch.users.get(userId) ?? batch.users.size;
      batch.users.set(userId, place);
      const standing = await batch.answer;
      return standing && { kind: standing.kind, position: standing.position, role: standing.roles[place] ?? null };
    },
  };
}
