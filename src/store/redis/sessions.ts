import type { Sessions } from '../../ports/sessions.ts';
import { decodeUser, USER_FIELDS } from './accounts.ts';
import type { Parts } from './parts.ts';
import { asList, asNumber } from './reply.ts';

/** Sessions as hashes at {user:ID}:session:HASH that end by themselves, listed in {user:ID}:sessions by their end. */
export function createSessions({ scripts }: Parts): Sessions {
  return {
    async create(session) {
      const [expiresAt] = await scripts.createSession(session);
      return { id: session.id, userId: session.userId, expiresAt: asNumber(expiresAt), remainingMs: session.ttlMs };
    },
    async find(userId, tokenHash) {
      const [id, expiresAt, remainingMs, version, fields] = await scripts.findSession(userId, tokenHash, USER_FIELDS);
      if (typeof id !== 'string') return null;
      const times = { expiresAt: asNumber(expiresAt), remainingMs: asNumber(remainingMs) };
      return { id, userId, ...times, version: asNumber(version), user: decodeUser(userId, asList(fields)) };
    },
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
