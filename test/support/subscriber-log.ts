import { setTimeout as pause } from 'node:timers/promises';
import { type Client, createClient, type FormattedExecutionResult } from 'graphql-ws';
import WebSocket from 'ws';
import { at } from './graphql-client.ts';
import { endAfterTest } from './leftovers.ts';
import { createRoomLog, FOLLOW, FOLLOW_ALONE, type RoomLog } from './room-log.ts';

/** One subscription to a room that goes on from its last cursor, whatever happens to its connections. */
export interface Follower {
  readonly name: string;
  readonly roomId: string;
  readonly userId: string;
  /** What it was shown. */
  readonly log: Pick<RoomLog, 'sightings' | 'faults' | 'after' | 'cursor' | 'live' | 'ended'>;
  /** Subscribes again after a removal, from its last cursor. `reached`: where the room stood when it was a member again. */
  rejoin(reached: number): void;
  stop(): Promise<void>;
}

/** One by the reference client of graphql-ws. */
export interface SocketFollower extends Follower {
  /** With what its sockets were closed. */
  readonly codes: readonly number[];
  /** Cuts its connection without a word; it comes back by itself, on the next server. */
  drop(): void;
  /** Reads nothing from its socket any more, until `resume`. */
  pause(): void;
  resume(): void;
}

/** Whom to follow, where and from what place. */
export interface FollowOptions {
  readonly name: string;
  /** Servers, tried in turn from the first on: each lost connection moves it to the next. */
  readonly urls: readonly string[];
  readonly user: { readonly id: string; readonly token: string };
  readonly roomId: string;
  readonly after?: string | null;
  /** Asks for something that is not the same for every member, so that its results are made for it alone. */
  readonly alone?: boolean;
}

/** Follows a room; ends after the test. */
export function follow({ name, urls, user, roomId, after = null, alone = false }: FollowOptions): SocketFollower {
  const log = createRoomLog(after);
  const codes: number[] = [];
  // Sent anew with every connection, and so with the last cursor.
  const variables = {
    roomId,
    get after() {
      return log.after;
    },
  };
  let turn = 0;
  let stopped = false;
  let socket: WebSocket | null = null;

  const client: Client = createClient({
    url: () => `${(urls[turn % urls.length] ?? '').replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${user.token}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: () => pause(20 + Math.random() * 100),
    on: {
      connected(opened) {
        socket = opened instanceof WebSocket ? opened : null;
        log.opened();
      },
      closed(event) {
        log.lost();
        turn += 1;
        if (!stopped) codes.push(Number(at(event, 'code')));
      },
    },
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
      {
        next: (result: FormattedExecutionResult) => log.take(result),
        error(error: unknown) {
          if (!Array.isArray(error)) return log.end();
          log.refuse(error);
          void again();
        },
        complete: () => void again(),
      },
    );
  }

  subscribe();
  async function stop(): Promise<void> {
    stopped = true;
    // It rejects where it was about to connect in vain.
    await Promise.resolve(client.dispose()).catch(() => undefined);
    socket?.terminate();
  }
  endAfterTest(stop);

  return {
    name,
    roomId,
    userId: user.id,
    log,
    codes,
    drop: () => socket?.terminate(),
    pause: () => socket?.pause(),
    resume: () => socket?.resume(),
    rejoin(number) {
      log.readmit(number);
      subscribe();
    },
    stop,
  };
}
