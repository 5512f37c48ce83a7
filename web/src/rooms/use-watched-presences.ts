import { useEffect, useState } from 'react';
import type { Client } from 'urql';
import { PresenceSubscription } from './documents.ts';
import type { Presences } from './presences.ts';

/** How many direct rooms to follow for their dots: a socket carries a hundred subscriptions. The most recently active come first. */
const MOST = 40;

/** Keeps the dots of direct rooms that are not open true. `roomIds` are separated by spaces. */
export function useWatchedPresences(client: Client, presences: Presences, roomIds: string): void {
  const [watched] = useState(() => new Map<string, () => void>());
  useEffect(() => {
    const wanted = new Set(roomIds.split(' ').filter(Boolean).slice(0, MOST));
    for (const [roomId, end] of watched) {
      if (wanted.has(roomId)) continue;
      end();
      watched.delete(roomId);
    }
    for (const roomId of wanted) {
      if (watched.has(roomId)) continue;
      const { unsubscribe } = client.subscription(PresenceSubscription, { roomId }).subscribe(({ data }) => {
        if (data?.roomEvents.__typename === 'PresenceChanged') presences.stale(data.roomEvents.user.id);
      });
      watched.set(roomId, unsubscribe);
    }
  }, [client, presences, roomIds, watched]);
  useEffect(
    () => () => {
      for (const end of watched.values()) end();
      watched.clear();
    },
    [watched],
  );
}
