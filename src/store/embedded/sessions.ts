import type { FoundSession, Sessions } from '../../ports/sessions.ts';
import { userOf } from './accounts.ts';
import type { Embedded } from './database.ts';
import { noteEnding, removeEnded } from './endings.ts';
import { type SessionRecord, under } from './tables.ts';
import type { Step } from './writer.ts';

export function createSessions(store: Embedded): Sessions {
  const { tables } = store;

  /** The user's live sessions, the oldest first. */
  const live = (userId: string, now: number) =>
    [...tables.sessions.getRange(under(userId))]
      .filter(({ value }) => value.expiresAt > now)
      .sort((a, b) => a.value.createdAt - b.value.createdAt);

  return {
    create: ({ id, tokenHash, userId, ttlMs, limit }) =>
      store.write((step) => {
        removeEnded(store, step.now);
        const others = live(userId, step.now);
        const excess = others.slice(0, Math.max(0, others.length + 1 - limit));
        for (const { key, value } of excess) end(store, step, key, value);
        const expiresAt = step.now + ttlMs;
        const createdAt = Math.max(step.now, (others.at(-1)?.value.createdAt ?? 0) + 1);
        tables.sessions.putSync([userId, tokenHash], { id, createdAt, expiresAt });
        noteEnding(store, expiresAt, 'sessions', [userId, tokenHash]);
        return { id, userId, expiresAt, remainingMs: ttlMs };
      }),

    find: (userId, tokenHash) =>
      store.read((): FoundSession | null => {
        const session = tables.sessions.get([userId, tokenHash]);
        const remainingMs = (session?.expiresAt ?? 0) - store.now();
        if (!session || remainingMs <= 0) return null;
        const { id, expiresAt } = session;
        return { id, userId, expiresAt, remainingMs, version: tables.versions.get(userId) ?? 0, user: userOf(store, userId) };
      }),

    revoke: (userId, tokenHash) =>
      store.write((step) => {
        const session = tables.sessions.get([userId, tokenHash]);
        if (!session || session.expiresAt <= step.now) return false;
        end(store, step, [userId, tokenHash], session);
        return true;
      }),

    alive: (userId, sessionIds) =>
      store.read(() => {
        const ids = new Set(live(userId, store.now()).map(({ value }) => value.id));
        return sessionIds.map((id) => ids.has(id));
      }),
  };
}

function end(store: Embedded, step: Step, [userId, tokenHash]: [string, string], { id, expiresAt }: SessionRecord): void {
  const { tables } = store;
  tables.sessions.removeSync([userId, tokenHash]);
  tables.endings.removeSync([expiresAt, 'sessions', userId, tokenHash]);
  raiseVersion(store, userId);
  step.tell(userId, { type: 'session-revoked', sessionId: id });
}

/** Says that something about the user has changed. */
export function raiseVersion({ tables }: Embedded, userId: string): void {
  tables.versions.putSync(userId, (tables.versions.get(userId) ?? 0) + 1);
}
