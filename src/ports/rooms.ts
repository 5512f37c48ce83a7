import type { MemberRole, Room, RoomKind } from '../domain/room.ts';
import type { Guard } from './guard.ts';

/** A room to be made, with its first members in join order. */
export interface NewRoom {
  readonly id: string;
  readonly kind: RoomKind;
  readonly name: string | null;
  readonly topic: string | null;
  /**
   * `joined` is the body of each one's MEMBER_JOINED entry, an event of the room; null makes the member without an event
   * (direct rooms). Join order is the order given.
   */
  readonly members: readonly { readonly userId: string; readonly role: MemberRole; readonly joined: string | null }[];
}

/** Rooms themselves. */
export interface Rooms {
  /**
   * Makes the room, members included, in one atomic step, and publishes each join; where a room with that id exists nothing happens. Returns the
   * room and whether this call made it: of any number of simultaneous calls exactly one did.
   */
  create(room: NewRoom): Promise<{ readonly room: Room; readonly created: boolean }>;
  /** The rooms with these ids, in the order asked; null where there is none. One round trip (per node). No permission is asked here. */
  get(ids: readonly string[]): Promise<readonly (Room | null)[]>;
  /**
   * Changes name and topic (undefined = as it is) and appends a ROOM_UPDATED entry by `actorId` with that body: one event.
   * The caller leaves the call out where nothing changes. Throws NOT_FOUND, StaleGuardError.
   */
  update(change: {
    readonly roomId: string;
    readonly actorId: string;
    readonly guard: readonly Guard[];
    readonly name?: string;
    readonly topic?: string | null;
    readonly body: string;
    readonly keep: number;
  }): Promise<Room>;
}
