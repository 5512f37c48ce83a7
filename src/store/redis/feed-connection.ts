import type { Redis } from 'ioredis';
import { COMMAND_MS, closeClient } from './clients.ts';
import { createGather } from './gather.ts';
import { startHeartbeat, within } from './link.ts';

/** One connection that listens. Its promises never reject. */
export interface FeedConnection {
  /** The server it leads to. */
  readonly owner: string;
  readonly up: boolean;
  /** Those of the channels that Redis has confirmed on this very connection. */
  subscribe(channels: readonly string[]): Promise<readonly string[]>;
  unsubscribe(channel: string): Promise<void>;
  close(): void;
}

/** What a connection tells. */
export interface FeedEvents {
  onMessage(channel: string, text: string, bytes: number): void;
  onUp(): void;
  /** The connection is gone, and all its subscriptions with it. */
  onDown(): void;
  /** A slot has left this server, and with it some of its channels, without a word about which. */
  onMoved(): void;
}

/** Wraps a client that subscribes by SSUBSCRIBE (`sharded`) or SUBSCRIBE. `lasting`: it reconnects by itself. */
export function createFeedConnection(
  client: Redis,
  owner: string,
  { sharded, lasting }: { readonly sharded: boolean; readonly lasting: boolean },
  events: FeedEvents,
): FeedConnection {
  const stopHeartbeat = startHeartbeat(client);
  const gather = createGather(client);
  let up = false;
  // ioredis tells of a moved slot in two cases alike: the server ended a subscription, or refused one that we asked for.
  let moved = 0;
  let refused = 0;

  client.on('error', () => {});
  // As bytes, for these are counted: to find that out of a text takes as long as to read it.
  client.on(sharded ? 'smessageBuffer' : 'messageBuffer', (channel: Buffer, news: Buffer) =>
    events.onMessage(channel.toString(), news.toString(), news.length),
  );
  client.on('ready', () => {
    up = true;
    events.onUp();
  });
  client.on('close', () => {
    up = false;
    events.onDown();
  });
  client.on('moved', () => {
    moved += 1;
    if (moved === 1) setImmediate(judgeMoves);
  });

  function judgeMoves(): void {
    const unasked = moved > refused;
    moved = 0;
    refused = 0;
    if (unasked && up) events.onMoved();
  }

  const send = (channels: readonly string[]) =>
    within(COMMAND_MS, sharded ? client.ssubscribe(...channels) : client.subscribe(...channels));

  async function confirmed(channels: readonly string[]): Promise<readonly string[]> {
    const connection = client.stream;
    try {
      await gather.send(() => send(channels), 1);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('MOVED ')) refused += 1;
      return [];
    }
    return up && client.stream === connection ? channels : [];
  }

  return {
    owner,
    get up() {
      return up;
    },
    // In a cluster one call must stay in one slot: each channel gets its own.
    subscribe: async (channels) =>
      sharded ? (await Promise.all(channels.map((channel) => confirmed([channel])))).flat() : confirmed(channels),
    async unsubscribe(channel) {
      if (!up) return;
      const end = () => (sharded ? client.sunsubscribe(channel) : client.unsubscribe(channel));
      await within(COMMAND_MS, gather.send(end, 1)).catch((error: Error) => {
        // A connection that does not even answer this is none; without it nothing is subscribed.
        if (up && error.name !== 'ReplyError') client.disconnect(lasting);
      });
    },
    close() {
      up = false;
      stopHeartbeat();
      closeClient(client);
    },
  };
}
