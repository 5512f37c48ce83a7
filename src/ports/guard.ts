import type { MemberRole } from '../domain/room.ts';

/**
 * A fact on which permission was judged: this user has this role in the room (null: is no member). The store checks it
 * inside the atomic step and throws StaleGuardError where it no longer holds, having written nothing. So rules live in
 * one place (`services/policy.ts`) and races cannot slip between judging and doing.
 */
export interface Guard {
  readonly userId: string;
  readonly role: MemberRole | null;
}
