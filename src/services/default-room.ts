import { createHash } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import { fold } from '../domain/text.ts';
import { admit } from './admission.ts';
import type { Deps } from './deps.ts';
import { words } from './words.ts';

const ID_LENGTH = 15;

/** The id of the default room of that name: always the same, so that many processes starting at once make one room. */
export function defaultRoomId(name: string): string {
  const digest = createHash('sha256')
    .update(`default room ${fold(name)}`)
    .digest('hex');
  return `r${BigInt(`0x${digest}`).toString(36).padStart(ID_LENGTH, '0').slice(-ID_LENGTH)}`;
}

/** Makes sure that the public room of that name exists, ownerless until someone joins, and is listed. Idempotent. Returns its id. */
export async function ensureRoom({ store }: Pick<Deps, 'store'>, name: string): Promise<string> {
  const id = defaultRoomId(name);
  const { room } = await store.rooms.create({ id, kind: 'PUBLIC', name, topic: null, members: [] });
  await store.directory.put('rooms', { id, name: room.name ?? name });
  return id;
}

/** Lets a new user into the default room, if there is one; makes the room where the store has lost it. */
export async function joinDefaultRoom(deps: Pick<Deps, 'store' | 'config'>, userId: string): Promise<void> {
  const name = deps.config.defaultRoom;
  if (name === '') return;
  const join = () => admit(deps, { roomId: defaultRoomId(name), userId, body: words.joined, guard: [] });
  try {
    await join();
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'NOT_FOUND') throw error;
    await ensureRoom(deps, name);
    await join();
  }
}
