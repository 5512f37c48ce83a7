import { newRoomId, newUserId } from '../../src/domain/ids.ts';
import type { Store } from '../../src/ports/store.ts';
import { hashToken, newSessionId, newToken } from '../../src/services/tokens.ts';
import type { Person } from '../load/dialects.ts';
import { inPieces } from './in-pieces.ts';

const AT_ONCE = 200;
const DAY_MS = 86_400_000;

/** Makes users with a session each, straight in the store: nobody's password is hashed. */
export function makePeople(store: Store, count: number, name: string): Promise<readonly Person[]> {
  return inPieces(Array.from({ length: count }), AT_ONCE, async (_, index) => {
    const userId = newUserId();
    const [username, displayName] = [`${name}-${index}`, `${name} ${index}`];
    const account = { id: userId, username: `${username}-${userId.slice(-6)}`, displayName, avatarUrl: null, isBot: false };
    const user = await store.accounts.create({ ...account, passwordHash: '!' });
    const token = newToken(userId);
    const session = { id: newSessionId(), tokenHash: hashToken(token), userId, ttlMs: DAY_MS, limit: 50 };
    await store.sessions.create(session);
    return { userId, username: user.username, displayName, token };
  });
}

/** Makes a private room of these people, the first its owner, with an empty timeline. */
export async function makeRoom(store: Store, name: string, members: readonly Person[]): Promise<string> {
  const { room } = await store.rooms.create({
    id: newRoomId(),
    kind: 'PRIVATE',
    name,
    topic: null,
    members: members.map(({ userId }, index) => ({ userId, role: index === 0 ? 'OWNER' : 'MEMBER', joined: null })),
  });
  await inPieces(members, AT_ONCE, ({ userId }) => store.joinedRooms.settle(userId, room.id, true));
  return room.id;
}
