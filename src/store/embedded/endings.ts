import type { Embedded } from './database.ts';

const AT_ONCE = 4;

/** Notes inside a step when a record ends; the record itself says the same. */
export function noteEnding(
  { tables }: Embedded,
  expiresAt: number,
  table: 'sessions' | 'sends',
  [owner, rest]: readonly [string, string],
): void {
  tables.endings.putSync([expiresAt, table, owner, rest], 0);
}

/**
 * Removes inside a step a few of the records that have ended. Every step that makes such a record does this, and removes more than it makes, so
 * what has ended does not pile up and no step is slow.
 */
export function removeEnded({ tables }: Embedded, now: number): void {
  for (const key of [...tables.endings.getKeys({ end: [now], limit: AT_ONCE })]) {
    const [, name, owner, rest] = key;
    // A key may have been used again since: then its record ends later, and has another note.
    const ended = (tables[name].get([owner, rest])?.expiresAt ?? 0) <= now;
    if (ended) tables[name].removeSync([owner, rest]);
    tables.endings.removeSync(key);
  }
}
