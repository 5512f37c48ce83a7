import { expect, it } from 'vitest';
import type { UserSignal } from '../../src/domain/event.ts';
import { newRoomId, newUserId } from '../../src/domain/ids.ts';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';
import { atOnce, outcomes } from './fixtures.ts';

onEveryStore('joined rooms', (site) => {
  const rooms = async (userId: string) => [...(await site.other.joinedRooms.list(userId)).roomIds].sort();

  it('lists what is expected and what is settled, each once', async () => {
    const [userId, a, b] = [newUserId(), newRoomId(), newRoomId()];
    expect(await site.store.joinedRooms.list(userId)).toEqual({ roomIds: [], version: 0 });
    await site.store.joinedRooms.expect(userId, a, 10);
    await site.store.joinedRooms.expect(userId, a, 10);
    await site.store.joinedRooms.settle(userId, a, true);
    await site.store.joinedRooms.settle(userId, b, true);
    expect(await rooms(userId)).toEqual([a, b].sort());
    await site.store.joinedRooms.settle(userId, a, false);
    await site.store.joinedRooms.settle(userId, a, false);
    expect(await rooms(userId)).toEqual([b]);
  });

  it('raises the version with every settle and with nothing else, and tells the user', async () => {
    const [userId, stranger, roomId] = [newUserId(), newUserId(), newRoomId()];
    const signals: UserSignal[] = [];
    const end = await site.other.feed.watchUser(userId, (signal) => signals.push(signal));
    await site.store.joinedRooms.expect(userId, roomId, 10);
    expect(await site.store.joinedRooms.versions([userId, stranger])).toEqual([0, 0]);
    const versions: number[] = [];
    for (const joined of [true, false, false, true]) {
      await site.store.joinedRooms.settle(userId, roomId, joined);
      const [version] = await site.other.joinedRooms.versions([userId]);
      versions.push(version ?? 0);
    }
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(versions[0]).toBeGreaterThan(0);
    expect((await site.store.joinedRooms.list(userId)).version).toBe(versions.at(-1));
    expect(await site.store.joinedRooms.versions([stranger, userId, userId])).toEqual([0, versions.at(-1), versions.at(-1)]);
    await waitFor(() => signals.length >= 4, { what: 'four signals' });
    expect(signals).toEqual(Array.from({ length: 4 }, () => ({ type: 'rooms-changed', roomId })));
    await end();
  });

  it('holds the limit, but not against what is listed already', async () => {
    const userId = newUserId();
    const wanted = Array.from({ length: 20 }, () => newRoomId());
    const { done, failed } = await outcomes(
      atOnce(site, 20, (store, index) => store.joinedRooms.expect(userId, wanted[index] ?? '', 5)),
    );
    expect([done.length, failed.length]).toEqual([5, 15]);
    for (const error of failed) expect(error).toMatchObject({ code: 'CONFLICT' });
    const listed = await rooms(userId);
    expect(listed).toHaveLength(5);
    for (const roomId of listed) await site.store.joinedRooms.expect(userId, roomId, 5);
    await site.store.joinedRooms.settle(userId, listed[0] ?? '', false);
    await site.store.joinedRooms.expect(userId, newRoomId(), 5);
  });

  it('drops nothing that was touched a moment ago', async () => {
    const [userId, confirmed, expected, again] = [newUserId(), newRoomId(), newRoomId(), newRoomId()];
    await site.store.joinedRooms.settle(userId, confirmed, true);
    await site.store.joinedRooms.expect(userId, expected, 10);
    await site.store.joinedRooms.settle(userId, again, true);
    await site.store.joinedRooms.expect(userId, again, 10);
    const before = await site.store.joinedRooms.list(userId);
    await site.store.joinedRooms.drop(userId, [confirmed, expected, again, newRoomId()]);
    await site.store.joinedRooms.drop(userId, []);
    const after = await site.store.joinedRooms.list(userId);
    expect([...after.roomIds].sort()).toEqual([confirmed, expected, again].sort());
    expect(after.version).toBe(before.version);
  });
});
