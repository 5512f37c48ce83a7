/**
 * A user's own list of rooms. Always contains every room the user is a member of; it may for a while name one more, after a
 * crash between two steps. The room is the truth: whoever reads the list loads the memberships and drops the rest.
 * That holds because the list is written before a join and cleaned after a leave.
 */
export interface JoinedRooms {
  /** Before a join: puts the room on the list, unannounced. Throws CONFLICT where the list would grow beyond `limit`. Again: its minute (`drop`) starts anew. */
  expect(userId: string, roomId: string, limit: number): Promise<void>;
  /** After a join or leave: sets whether the room is on the list (its minute starts anew), raises the version and tells the user's feed (`rooms-changed`). */
  settle(userId: string, roomId: string, joined: boolean): Promise<void>;
  /**
   * Takes rooms off the list of which the user was found to be no member: left over by a crash, in a join or in a leave. Those touched by `expect` or `settle`
   * within the last minute stay: a join may be under way. Silent.
   */
  drop(userId: string, roomIds: readonly string[]): Promise<void>;
  /** The rooms on the list, in no order, and the list's version. One round trip. */
  list(userId: string): Promise<{ readonly roomIds: readonly string[]; readonly version: number }>;
  /** The versions of these users' lists, 0 for an empty one. A version rises with every `settle` and with every session of the user that is revoked, so one number tells
   * whether anything about the user was missed. */
  versions(userIds: readonly string[]): Promise<readonly number[]>;
}
