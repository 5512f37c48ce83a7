import type { Presence } from '../../domain/presence.ts';
import type { Gone, PresenceLeases } from '../../ports/presence-leases.ts';
import type { Parts } from './parts.ts';
import { asNumber, asTexts } from './reply.ts';

/** How long a sweep may take before another process looks at the same users. */
const CLAIM_MS = 5000;

/**
 * Leases lie with their user, {user:ID}:leases; {presence}:expiry says whose are to be looked at when. The two are in different slots,
 * so a user is filed first and then leased, and whoever finds a user filed looks at the leases: a lease without a filing cannot be, a
 * filing without a lease is put right.
 */
export function createPresenceLeases({ scripts }: Parts): PresenceLeases {
  async function renewOne(holder: string, userId: string, ttlMs: number) {
    const [rooms] = await scripts.renewLease(userId, holder, ttlMs);
    return rooms === undefined ? null : { userId, roomIds: asTexts(rooms) };
  }

  /** Of all who look at one user's ended leases only the one that takes the last away is told so. */
  async function end(userId: string, filed: number): Promise<Gone | null> {
    const [latest, seen, rooms] = await scripts.endLeases(userId);
    await scripts.refilePresence(userId, filed, asNumber(latest));
    return rooms === undefined ? null : { userId, lastSeenAt: asNumber(seen), roomIds: asTexts(rooms) };
  }

  return {
    async renew(holder, userIds, ttlMs) {
      if (userIds.length === 0) return [];
      await scripts.filePresence(userIds, ttlMs);
      const arrived = await Promise.all(userIds.map((userId) => renewOne(holder, userId, ttlMs)));
      return arrived.filter((each) => each !== null);
    },

    async release(holder, userId, graceMs) {
      const [latest] = await scripts.releaseLease(userId, holder, graceMs);
      // Should a renewal come between, the user is filed too early, and the sweep files them again.
      if (asNumber(latest) > 0) await scripts.refilePresence(userId, null, asNumber(latest));
    },

    async sweep(limit) {
      const gone: Gone[] = [];
      while (gone.length < limit) {
        const wanted = limit - gone.length;
        const [filed, ...userIds] = await scripts.claimPresence(wanted, CLAIM_MS);
        const ended = await Promise.all(asTexts(userIds).map((userId) => end(userId, asNumber(filed))));
        const offline = ended.filter((each) => each !== null);
        gone.push(...offline);
        if (userIds.length < wanted || offline.length === 0) break;
      }
      return gone;
    },

    get: (userIds) =>
      Promise.all(
        userIds.map(async (userId): Promise<Presence> => {
          const [online, seen] = await scripts.readPresence(userId);
          return { online: online === 1, lastSeenAt: seen === 0 ? null : asNumber(seen) };
        }),
      ),
  };
}
