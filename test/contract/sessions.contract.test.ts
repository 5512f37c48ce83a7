import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { UserSignal } from '../../src/domain/event.ts';
import { newUserId } from '../../src/domain/ids.ts';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';
import { atOnce, JS_NAMES, randomName } from './fixtures.ts';

const HOUR = 3_600_000;

const newSession = (userId: string, given: { ttlMs?: number; limit?: number } = {}) => ({
  id: randomBytes(8).toString('hex'),
  tokenHash: createHash('sha256').update(randomBytes(8)).digest('hex'),
  userId,
  ttlMs: given.ttlMs ?? HOUR,
  limit: given.limit ?? 50,
});

onEveryStore('sessions', (site) => {
  const told = async (userId: string): Promise<{ signals: UserSignal[]; end: () => Promise<void> }> => {
    const signals: UserSignal[] = [];
    return { signals, end: await site.other.feed.watchUser(userId, (signal) => signals.push(signal)) };
  };

  it('is found by its user and token until its time is over', async () => {
    const session = newSession(newUserId());
    const { id, userId, tokenHash } = session;
    const opened = await site.store.sessions.create(session);
    expect(opened).toEqual({ id, userId, expiresAt: opened.expiresAt, remainingMs: HOUR });
    expect(Math.abs(opened.expiresAt - Date.now() - HOUR)).toBeLessThan(60_000);
    const found = await site.other.sessions.find(userId, tokenHash);
    const [version] = await site.store.joinedRooms.versions([userId]);
    expect(found).toEqual({ id, userId, expiresAt: opened.expiresAt, remainingMs: found?.remainingMs, version, user: null });
    expect(found?.remainingMs).toBeGreaterThan(HOUR - 10_000);
    expect(found?.remainingMs).toBeLessThanOrEqual(HOUR);
    expect(await site.store.sessions.find(newUserId(), tokenHash)).toBeNull();
    expect(await site.store.sessions.find(userId, newSession(userId).tokenHash)).toBeNull();
    for (const name of JS_NAMES) expect(await site.store.sessions.find(userId, name)).toBeNull();
  });

  it('is found with its user, without their password', async () => {
    const session = newSession(newUserId());
    const name = randomName().replaceAll('-', '').slice(0, 20);
    const account = {
      id: session.userId,
      username: name,
      displayName: 'Zoë',
      avatarUrl: null,
      isBot: false,
      passwordHash: 'secret',
    };
    const user = await site.store.accounts.create(account);
    await site.store.sessions.create(session);
    const found = await site.other.sessions.find(session.userId, session.tokenHash);
    expect(found?.user).toEqual(user);
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  it('ends by itself, without news', async () => {
    const session = newSession(newUserId(), { ttlMs: 400 });
    const { signals, end } = await told(session.userId);
    await site.store.sessions.create(session);
    expect(await site.store.sessions.alive(session.userId, [session.id])).toEqual([true]);
    await waitFor(async () => (await site.store.sessions.find(session.userId, session.tokenHash)) === null, { what: 'the end' });
    expect(await site.store.sessions.alive(session.userId, [session.id])).toEqual([false]);
    expect(await site.store.sessions.revoke(session.userId, session.tokenHash)).toBe(false);
    expect(signals).toEqual([]);
    await end();
  });

  it('S5 is revoked once, of however many who try at once, and the news reaches every process', async () => {
    const session = newSession(newUserId());
    const { signals, end } = await told(session.userId);
    await site.store.sessions.create(session);
    const [before] = await site.store.joinedRooms.versions([session.userId]);
    const revoked = await Promise.all(atOnce(site, 20, (store) => store.sessions.revoke(session.userId, session.tokenHash)));
    expect(revoked.filter(Boolean)).toHaveLength(1);
    expect(await site.other.sessions.find(session.userId, session.tokenHash)).toBeNull();
    expect(await site.store.sessions.alive(session.userId, [session.id])).toEqual([false]);
    await waitFor(() => signals.length > 0, { what: 'the news' });
    expect(signals).toEqual([{ type: 'session-revoked', sessionId: session.id }]);
    const [after] = await site.store.joinedRooms.versions([session.userId]);
    expect(after).toBeGreaterThan(before ?? 0);
    await end();
  });

  it('tells of several in the order asked', async () => {
    const userId = newUserId();
    const [a, b, c] = [newSession(userId), newSession(userId), newSession(userId)];
    for (const session of [a, b, c]) await site.store.sessions.create(session);
    await site.store.sessions.revoke(userId, b.tokenHash);
    expect(await site.other.sessions.alive(userId, [c.id, b.id, 'constructor', a.id, c.id])).toEqual([
      true,
      false,
      false,
      true,
      true,
    ]);
    expect(await site.other.sessions.alive(newUserId(), [a.id])).toEqual([false]);
    expect(await site.other.sessions.alive(userId, [])).toEqual([]);
  });

  it('makes the oldest give way beyond the limit, and revokes them', async () => {
    const userId = newUserId();
    const { signals, end } = await told(userId);
    const sessions = Array.from({ length: 5 }, () => newSession(userId, { limit: 3 }));
    for (const session of sessions) await site.store.sessions.create(session);
    const ids = sessions.map(({ id }) => id);
    expect(await site.store.sessions.alive(userId, ids)).toEqual([false, false, true, true, true]);
    await waitFor(() => signals.length >= 2, { what: 'the news' });
    expect(signals).toEqual(ids.slice(0, 2).map((sessionId) => ({ type: 'session-revoked', sessionId })));
    await end();
  });

  it('does not count what has ended', async () => {
    const userId = newUserId();
    const kept = newSession(userId, { limit: 2 });
    await site.store.sessions.create(kept);
    const short = newSession(userId, { ttlMs: 40, limit: 2 });
    await site.store.sessions.create(short);
    await waitFor(async () => (await site.store.sessions.find(userId, short.tokenHash)) === null, { what: 'the end' });
    const next = newSession(userId, { limit: 2 });
    await site.store.sessions.create(next);
    expect(await site.store.sessions.alive(userId, [kept.id, next.id])).toEqual([true, true]);
  });

  it('holds the limit when many are opened at once', async () => {
    const userId = newUserId();
    const sessions = Array.from({ length: 20 }, () => newSession(userId, { limit: 4 }));
    await Promise.all(atOnce(site, 20, (store, index) => store.sessions.create(sessions[index] ?? newSession(userId))));
    const alive = await site.store.sessions.alive(
      userId,
      sessions.map(({ id }) => id),
    );
    expect(alive.filter(Boolean)).toHaveLength(4);
  });
});
