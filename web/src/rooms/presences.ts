import { useEffect, useSyncExternalStore } from 'react';
import type { Client } from 'urql';
import { PresencesQuery } from './documents.ts';

/** How long to collect whom to ask for, in ms: who comes and goes together is asked for together. */
const COLLECT_MS = 150;
/** The most the server answers at once. */
const MOST = 100;

/** How somebody was last known to be. */
export interface Seen {
  readonly online: boolean;
  /** When they were last connected; null for one who never was, and to those who may not know. */
  readonly lastSeenAt: string | null;
}

/** A presence as the server tells it. */
type PresenceParts = Pick<Seen, 'lastSeenAt'> & { readonly status: 'ONLINE' | 'OFFLINE' };

/** Who is there, of those who are shown: asked for once, then told by events, or asked for again where an event only says that it may have changed. */
export interface Presences {
  /** Whether that user is connected, and when they were; null while not known. */
  of(userId: string): Seen | null;
  watch(listener: () => void): () => void;
  /** Makes sure that it is known. */
  want(userId: string): void;
  /** An event says how it is. */
  told(userId: string, presence: PresenceParts): void;
  /** It may have changed. */
  stale(userId: string): void;
  /** All of it may have changed. */
  allStale(): void;
}

/** The presences that one session knows of. */
export function createPresences(client: Client): Presences {
  const known = new Map<string, Seen>();
  const asked = new Set<string>();
  // When events told of whom, counted: what was asked before that may be answered with what was before.
  const heard = new Map<string, number>();
  let wanted = new Set<string>();
  let collecting = false;
  let now = 0;
  const listeners = new Set<() => void>();

  function learn(learned: Iterable<readonly [string, PresenceParts]>): void {
    for (const [userId, { status, lastSeenAt }] of learned) known.set(userId, { online: status === 'ONLINE', lastSeenAt });
    for (const listener of listeners) listener();
  }

  async function ask(): Promise<void> {
    collecting = false;
    const all = [...wanted];
    wanted = new Set();
    for (let at = 0; at < all.length; at += MOST) {
      const ids = all.slice(at, at + MOST);
      const before = now;
      const { data } = await client.query(PresencesQuery, { ids }, { requestPolicy: 'network-only' });
      const users = (data?.nodes ?? []).flatMap((node) => (node && 'presence' in node ? [node] : []));
      const news = users.filter(({ id }) => (heard.get(id) ?? 0) <= before);
      learn(news.map(({ id, presence }) => [id, presence]));
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
    told(userId, presence) {
      if (!asked.has(userId)) return;
      now += 1;
      heard.set(userId, now);
      wanted.delete(userId);
      learn([[userId, presence]]);
    },
    stale,
    allStale() {
      for (const userId of asked) stale(userId);
    },
  };
}

/** Whether a user is connected, in a component; null while not known. */
export function usePresence(presences: Presences, userId: string): Seen | null {
  useEffect(() => presences.want(userId), [presences, userId]);
  return useSyncExternalStore(presences.watch, () => presences.of(userId));
}
