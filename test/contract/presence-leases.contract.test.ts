import { expect, it } from 'vitest';
import { newUserId } from '../../src/domain/ids.ts';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';
import { randomName } from './fixtures.ts';

const LONG = 60_000;
const SHORT = 60;

onEveryStore('presence leases', (site) => {
  const online = async (userId: string) => (await site.other.presence.get([userId]))[0]?.online;

  /** Sweeps with both processes until nothing is left, and says who went. */
  async function sweepAll(): Promise<{ userId: string; lastSeenAt: number }[]> {
    const gone: { userId: string; lastSeenAt: number }[] = [];
    for (;;) {
      const swept = (await Promise.all([site.store.presence.sweep(10), site.other.presence.sweep(10)])).flat();
      if (swept.length === 0) return gone;
      gone.push(...swept);
    }
  }

  it('P10 is online while a lease lives, and was never seen before the first', async () => {
    const [userId, stranger] = [newUserId(), newUserId()];
    expect(await site.store.presence.get([userId, stranger])).toEqual([
      { online: false, lastSeenAt: null },
      { online: false, lastSeenAt: null },
    ]);
    expect(await site.store.presence.renew(randomName(), [userId], LONG)).toEqual([{ userId, roomIds: [] }]);
    const [presence, other] = await site.other.presence.get([userId, stranger]);
    expect(presence?.online).toBe(true);
    expect(Math.abs((presence?.lastSeenAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(other).toEqual({ online: false, lastSeenAt: null });
    expect(await site.store.presence.get([])).toEqual([]);
  });

  it('P10 returns from renew only those who were offline before, whoever holds the leases', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const [one, two] = [randomName(), randomName()];
    expect(await site.store.presence.renew(one, [a], LONG)).toEqual([{ userId: a, roomIds: [] }]);
    expect(await site.other.presence.renew(two, [a, b], LONG)).toEqual([{ userId: b, roomIds: [] }]);
    expect(await site.store.presence.renew(one, [a, b], LONG)).toEqual([]);
    expect(await site.store.presence.renew(one, [], LONG)).toEqual([]);
  });

  it('P10 says a coming once, of however many processes see it at once', async () => {
    const userId = newUserId();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? site.store : site.other).presence.renew(randomName(), [userId], LONG),
      ),
    );
    expect(answers.flat()).toEqual([{ userId, roomIds: [] }]);
  });

  it('P10 counts an expired lease as ended, swept or not', async () => {
    const [userId, holder] = [newUserId(), randomName()];
    await site.store.presence.renew(holder, [userId], SHORT);
    const [while_] = await site.store.presence.get([userId]);
    await waitFor(async () => (await online(userId)) === false, { what: 'the end of the lease' });
    expect(await site.store.presence.get([userId])).toEqual([{ online: false, lastSeenAt: while_?.lastSeenAt }]);
    expect(await site.store.presence.renew(holder, [userId], LONG)).toEqual([{ userId, roomIds: [] }]);
    expect((await sweepAll()).map((each) => each.userId)).not.toContain(userId);
    expect(await online(userId)).toBe(true);
  });

  it('P10 gives everyone who went offline to exactly one of many sweepers', async () => {
    const users = Array.from({ length: 30 }, () => newUserId());
    await site.store.presence.renew(randomName(), users, SHORT);
    const seen = await site.store.presence.get(users);
    await waitFor(async () => (await site.store.presence.get(users)).every((each) => !each.online), {
      what: 'the end of the leases',
    });
    const gone: { userId: string; lastSeenAt: number }[] = [];
    await waitFor(
      async () => {
        const swept = await Promise.all(
          Array.from({ length: 8 }, (_, index) => (index % 2 ? site.store : site.other).presence.sweep(4)),
        );
        for (const each of swept) expect(each.length).toBeLessThanOrEqual(4);
        gone.push(...swept.flat().filter(({ userId }) => users.includes(userId)));
        return gone.length >= users.length;
      },
      { what: 'all to be swept' },
    );
    expect(await sweepAll()).toEqual([]);
    expect(gone.map(({ userId }) => userId).sort()).toEqual([...users].sort());
    for (const { userId, lastSeenAt } of gone) expect(lastSeenAt).toBe(seen[users.indexOf(userId)]?.lastSeenAt);
  });

  it('P10 says of those who come and go which rooms are on their list', async () => {
    const [userId, other, roomIds] = [newUserId(), newUserId(), ['one', 'two']];
    for (const roomId of roomIds) await site.store.joinedRooms.settle(userId, roomId, true);
    const sorted = (all: readonly { readonly userId: string; readonly roomIds: readonly string[] }[]) =>
      new Map(all.map((each) => [each.userId, [...each.roomIds].sort()]));
    const arrived = await site.other.presence.renew(randomName(), [userId, other], SHORT);
    const expected = new Map([
      [userId, roomIds],
      [other, []],
    ]);
    expect(sorted(arrived)).toEqual(expected);
    await site.store.joinedRooms.settle(userId, 'one', false);
    const gone = new Map<string, string[]>();
    const swept = async () => {
      for (const [id, rooms] of sorted(await site.store.presence.sweep(10))) gone.set(id, rooms);
      return gone.has(userId) && gone.has(other);
    };
    await waitFor(swept, { what: 'the sweep of both' });
    expect([gone.get(userId), gone.get(other)]).toEqual([['two'], []]);
  });

  it('P10 stays online while another process holds a lease, and goes with the last', async () => {
    const userId = newUserId();
    const [one, two] = [randomName(), randomName()];
    await site.store.presence.renew(one, [userId], SHORT);
    await site.other.presence.renew(two, [userId], LONG);
    await site.store.presence.release(one, userId, 0);
    expect((await sweepAll()).map((each) => each.userId)).not.toContain(userId);
    expect(await online(userId)).toBe(true);
    await site.other.presence.release(two, userId, 0);
    await waitFor(async () => (await online(userId)) === false, { what: 'offline' });
    await waitFor(async () => (await sweepAll()).some((each) => each.userId === userId), { what: 'the sweep' });
  });

  it('P10 lets one who comes back within the grace never have been away', async () => {
    const [userId, holder] = [newUserId(), randomName()];
    await site.store.presence.renew(holder, [userId], LONG);
    await site.store.presence.release(holder, userId, LONG / 2);
    expect(await online(userId)).toBe(true);
    expect((await sweepAll()).map((each) => each.userId)).not.toContain(userId);
    expect(await site.store.presence.renew(holder, [userId], LONG)).toEqual([]);
  });

  it('P10 never extends a lease by releasing it, nor makes one', async () => {
    const [userId, holder] = [newUserId(), randomName()];
    await site.store.presence.release(holder, userId, LONG);
    expect(await site.store.presence.get([userId])).toEqual([{ online: false, lastSeenAt: null }]);
    await site.store.presence.renew(holder, [userId], SHORT);
    await site.store.presence.release(holder, userId, LONG);
    await waitFor(async () => (await online(userId)) === false, { what: 'the end of the lease', timeoutMs: 3000 });
    const [gone] = await site.store.presence.get([userId]);
    await waitFor(() => Date.now() > (gone?.lastSeenAt ?? 0) + 2, { what: 'time to pass' });
    await site.store.presence.release(holder, userId, LONG);
    expect(await site.other.presence.get([userId])).toEqual([gone]);
  });

  it('P10 knows when someone was last there: at the latest renewal or release', async () => {
    const [userId, holder] = [newUserId(), randomName()];
    await site.store.presence.renew(holder, [userId], LONG);
    const [first] = await site.store.presence.get([userId]);
    const later = async (than: number) => {
      await waitFor(() => Date.now() > than + 2, { what: 'time to pass' });
    };
    await later(first?.lastSeenAt ?? 0);
    await site.store.presence.renew(holder, [userId], LONG);
    const [second] = await site.other.presence.get([userId]);
    expect(second?.lastSeenAt).toBeGreaterThan(first?.lastSeenAt ?? 0);
    await later(second?.lastSeenAt ?? 0);
    await site.store.presence.release(holder, userId, LONG);
    const [third] = await site.other.presence.get([userId]);
    expect(third?.lastSeenAt).toBeGreaterThan(second?.lastSeenAt ?? 0);
  });
});
