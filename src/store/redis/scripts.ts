import type { Link } from './link.ts';
import { createRoomScripts, type RoomScripts } from './room-scripts.ts';
import { createUserScripts, type UserScripts } from './user-scripts.ts';

/** Every script of the store, as one typed function each. Arguments go in as values, never as text of a script. */
export type Scripts = RoomScripts & UserScripts;

/** Prepares all scripts; a missing or broken Lua file shows here, at the start. `sharded`: news stays on the node of its slot. */
export const createScripts = (writer: Link, reader: Link, sharded: boolean): Scripts => ({
  ...createRoomScripts(writer, reader, sharded),
  ...createUserScripts(writer, reader, sharded),
});
