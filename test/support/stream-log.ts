import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-sse';
import { endAfterTest } from './leftovers.ts';
import { createRoomLog, FOLLOW, FOLLOW_ALONE } from './room-log.ts';
import type { Follower, FollowOptions } from './subscriber-log.ts';

/** Follows a room over a stream of events, by the reference client of graphql-sse; ends after the test. */
export function followStream({ name, urls, user, roomId, after = null, alone = false }: FollowOptions): Follower {
  const log = createRoomLog(after);
  // Sent anew with every connection, and so with the last cursor.
  const variables = {
    roomId,
    get after() {
      return log.after;
    },
  };
  let turn = 0;
  let stopped = false;

  const client = createClient({
    url: () => `${urls[turn++ % urls.length]}/graphql`,
    headers: { authorization: `Bearer ${user.token}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    retry: () => pause(20 + Math.random() * 100),
    on: { connecting: () => log.lost(), connected: () => log.opened() },
  });

  async function again(): Promise<void> {
    log.lost();
    if (log.ended || stopped) return;
    await pause(50);
    if (!stopped) subscribe();
  }

  function subscribe(): void {
    client.subscribe(
      { query: alone ? FOLLOW_ALONE : FOLLOW, variables },
      { next: (result) => log.take(result), error: () => void again(), complete: () => void again() },
    );
  }

  subscribe();
  async function stop(): Promise<void> {
    stopped = true;
    client.dispose();
  }
  endAfterTest(stop);

  return {
    name,
    roomId,
    userId: user.id,
    log,
    rejoin(number) {
      log.readmit(number);
      subscribe();
    },
    stop,
  };
}
