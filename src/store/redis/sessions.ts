import type { Sessions } from '../../ports/sessions.ts';
import { sessionKey, userKeys } from './keys.ts';
import type { Parts } from './parts.ts';
import { asNumber } from './reply.ts';

/** Sessions as hashes at {user:ID}:session:HASH that end by themselves, listed in {user:ID}:sessions by their end. */
export function createSessions({ scripts, reader }: Parts): Sessions {
  return {
    async create(session) {
      const [expiresAt] = await scripts.createSession(session);
      return { id: session.id, userId: session.userId, expiresAt: asNumber(expiresAt), remainingMs: session.ttlMs };
    },
    find: (userId, tokenHash) =>
      reader.run(async (client) => {
        const key = sessionKey(userId, tokenHash);
        // All of it in one slot, so in this order.
        const [version, [id, expiresAt], remainingMs] = await Promise.all([
          client.get(userKeys(userId).version),
          client.hmget(key, 'id', 'expiresAt'),
          client.pttl(key),
        ]);
        if (typeof id !== 'string' || remainingMs <= 0) return null;
        return { id, userId, expiresAt: asNumber(expiresAt), remainingMs, version: Number(version ?? 0) };
      }),
    async revoke(userId, tokenHash) {
      const [revoked] = await scripts.revokeSession(userId, tokenHash);
      return revoked === 1;
    },
    async alive(userId, sessionIds) {
      const live = await scripts.liveSessions(userId);
      return sessionIds.map((id) => live.includes(id));
    },
  };
}
