import type { Gone, PresenceLeases } from '../../ports/presence-leases.ts';
import type { Embedded } from './database.ts';
import { roomsOf } from './joined-rooms.ts';
import { under } from './tables.ts';

/** Leases are stored like everything else: those of a process that died run out by themselves after the next start. */
export function createPresenceLeases(store: Embedded): PresenceLeases {
  const { tables } = store;
  const leasesOf = (userId: string) => [...tables.leases.getRange(under(userId))];
  const online = (userId: string, now: number) => leasesOf(userId).some(({ value }) => value > now);

  function set(userId: string, holder: string, expiresAt: number): void {
    end(userId, holder);
    tables.leases.putSync([userId, holder], expiresAt);
    tables.leaseEnds.putSync([expiresAt, userId, holder], 0);
  }

  function end(userId: string, holder: string): void {
    const expiresAt = tables.leases.get([userId, holder]);
    if (expiresAt === undefined) return;
    tables.leases.removeSync([userId, holder]);
    tables.leaseEnds.removeSync([expiresAt, userId, holder]);
  }

  const expired = (now: number, limit: number) => [...tables.leaseEnds.getKeys({ end: [now + 1], limit })];

  return {
    renew: (holder, userIds, ttlMs) =>
      store.write(({ now }) => {
        const arrived = [...new Set(userIds)].filter((userId) => !online(userId, now));
        for (const userId of userIds) {
          set(userId, holder, now + ttlMs);
          tables.seen.putSync(userId, now);
        }
        return arrived.map((userId) => ({ userId, roomIds: roomsOf(store, userId) }));
      }),

    release: (holder, userId, graceMs) =>
      store.write(({ now }) => {
        const expiresAt = tables.leases.get([userId, holder]);
        if (expiresAt === undefined || expiresAt <= now) return;
        set(userId, holder, Math.min(expiresAt, now + graceMs));
        tables.seen.putSync(userId, now);
      }),

    sweep: async (limit) => {
      // Nearly always there is nothing to do, and then nothing needs to be written.
      if (!(await store.read(() => expired(store.now(), 1).length > 0))) return [];
      return store.write(({ now }) => {
        const gone: Gone[] = [];
        for (let due = expired(now, limit); due.length > 0 && gone.length < limit; due = expired(now, limit - gone.length)) {
          for (const [, userId, holder] of due) {
            end(userId, holder);
            // One with several expired leases is told of once, when the last of them goes.
            if (leasesOf(userId).length > 0) continue;
            gone.push({ userId, lastSeenAt: tables.seen.get(userId) ?? now, roomIds: roomsOf(store, userId) });
          }
        }
        return gone;
      });
    },

    get: (userIds) =>
      store.read(() =>
        userIds.map((userId) => ({ online: online(userId, store.now()), lastSeenAt: tables.seen.get(userId) ?? null })),
      ),
  };
}
