import { describe, expect, it } from 'vitest';
import type { PresenceLeases } from '../../src/ports/presence-leases.ts';
import { createPresenceKeeper } from '../../src/realtime/presence-keeper.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { waitFor } from '../support/wait-for.ts';

const OPTIONS = { holder: 'here', leaseMs: 35_000, renewMs: 12_000, graceMs: 7000, sweepMs: 1000, roomSize: 200 };

/** A keeper over leases whose renewal takes effect when told to, and whose release at once, unless told otherwise. */
function setUp({ slowRelease = false } = {}) {
  let sweeps = 0;
  const lives = new Map<string, number>();
  const waiting: (() => void)[] = [];
  const later = <T>(work: () => T) => new Promise<T>((resolve) => waiting.push(() => resolve(work())));
  const leases: PresenceLeases = {
    renew: (_, userIds, ttlMs) =>
      later(() => {
        for (const userId of userIds) lives.set(userId, ttlMs);
        return [];
      }),
    async release(_, userId, graceMs) {
      if (slowRelease) await later(() => undefined);
      if (lives.has(userId)) lives.set(userId, graceMs);
    },
    async sweep() {
      sweeps += 1;
      return [];
    },
    get: async () => [],
  };
  const clock = createManualClock();
  const nothing = { get: async () => [], signal: async () => undefined };
  const onError = (error: unknown) => {
    throw error;
  };
  const keeper = createPresenceKeeper({ clock, leases, rooms: nothing, feed: nothing, onError }, OPTIONS);
  const asked = () => {
    // Those who come within a moment are taken in together.
    clock.advance(50);
    return waitFor(() => waiting.length > 0, { what: 'a renewal' });
  };
  const settle = () => {
    for (const work of waiting.splice(0)) work();
  };
  return { keeper, clock, lives, asked, settle, swept: () => sweeps };
}

describe('P12: the lease of one who left while it was being renewed', () => {
  // It used to live its full time: for half a minute the user seemed to be there.
  it('is given back: of one who went as soon as they came', async () => {
    const { keeper, lives, asked, settle } = setUp();
    const leave = keeper.present('ann');
    await asked();
    leave();
    settle();
    await waitFor(() => lives.get('ann') === OPTIONS.graceMs, { what: 'a lease that is only a grace' });
  });

  it('is given back: of one who went during the renewal of all', async () => {
    const { keeper, clock, lives, asked, settle } = setUp();
    const [leave] = [keeper.present('ann'), keeper.present('ben')];
    await asked();
    settle();
    clock.advance(OPTIONS.renewMs);
    await asked();
    leave();
    settle();
    await waitFor(() => lives.get('ann') === OPTIONS.graceMs, { what: 'a lease that is only a grace' });
    expect(lives.get('ben')).toBe(OPTIONS.leaseMs);
  });

  it('is given back before a keeper that closes has closed', async () => {
    const { keeper, lives, asked, settle } = setUp();
    keeper.present('ann');
    await asked();
    const closed = keeper.close();
    settle();
    await closed;
    expect(lives.get('ann')).toBe(OPTIONS.graceMs);
  });

  it('is swept by whoever gave it back, however long that took', async () => {
    const { keeper, clock, lives, asked, settle, swept } = setUp({ slowRelease: true });
    const leave = keeper.present('ann');
    await asked();
    settle();
    leave();
    clock.advance(60_000);
    await asked();
    const before = swept();
    settle();
    await waitFor(() => lives.get('ann') === OPTIONS.graceMs && clock.pending > 0, { what: 'the sweeping to go on' });
    clock.advance(OPTIONS.graceMs + OPTIONS.sweepMs);
    expect(swept()).toBeGreaterThan(before);
    clock.advance(60_000);
    expect(clock.pending).toBe(0);
  });
});
