import { useEffect, useSyncExternalStore } from 'react';
import type { Client } from 'urql';
import { PresencesQuery } from './documents.ts';

/** How long to collect whom to ask for, in ms: who comes and goes together is asked for together. */
const COLLECT_MS = 150;
/** The most the server answers at once. */
const MOST = 100;

/** Who is there. Asked for once per user shown, and again when an event speaks of them. */
export interface Presences {
  /** Whether that user is connected; null while not known. */
  of(userId: string): boolean | null;
  watch(listener: () => void): () => void;
  /** Makes sure that it is known. */
  want(userId: string): void;
  /** It may have changed. */
  stale(userId: string): void;
  /** All of it may have changed. */
  allStale(): void;
}

/** The presences that one session knows of. */
export function createPresences(client: Client): Presences {
  const known = new Map<string, boolean>();
  const asked = new Set<string>();
  let wanted = new Set<string>();
  let collecting = false;
  const listeners = new Set<() => void>();

  async function ask(): Promise<void> {
    collecting = false;
    const all = [...wanted];
    wanted = new Set();
    for (let at = 0; at < all.length; at += MOST) {
      const ids = all.slice(at, at + MOST);
      const { data } = await client.query(PresencesQuery, { ids }, { requestPolicy: 'network-only' });
      for (const node of data?.nodes ?? []) if (node && 'presence' in node) known.set(node.id, node.presence.status === 'ONLINE');
      for (const listener of listeners) listener();
    }
  }
  const stale = (userId: string) => {
    if (!asked.has(userId)) return;
    wanted.add(userId);
    if (!collecting) setTimeout(ask, COLLECT_MS);
    collecting = true;
  };
  return {
    of: (userId) => known.get(userId) ?? null,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    want(userId) {
      if (asked.has(userId)) return;
      asked.add(userId);
      stale(userId);
    },
    stale,
    allStale() {
      for (const userId of asked) stale(userId);
    },
  };
}

/** Whether a user is connected, in a component; null while not known. */
export function usePresence(presences: Presences, userId: string): boolean | null {
  useEffect(() => presences.want(userId), [presences, userId]);
  return useSyncExternalStore(presences.watch, () => presences.of(userId));
}
