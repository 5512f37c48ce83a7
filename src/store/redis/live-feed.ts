import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';
import { unavailable } from '../../domain/errors.ts';
import type { RoomEvent, RoomSignal, UserSignal } from '../../domain/event.ts';
import type { Live, LiveFeed } from '../../ports/live-feed.ts';
import { roomChannel, userChannel } from './keys.ts';
import type { Link } from './link.ts';
import { decodeRoomNews, decodeUserNews, encodeSignal } from './news.ts';
import type { StoreLog } from './options.ts';
import type { Route } from './routes.ts';
import { createSubscriber } from './subscriber.ts';

/** What a live feed is made of. */
export interface LiveFeedParts {
  readonly route: Route;
  /** Sends signals. */
  readonly link: Link;
  readonly log: StoreLog;
  /** Something on that channel cannot be read and is passed over. */
  readonly unreadable: (channel: string) => void;
  readonly onConnected: (connected: boolean) => void;
}

/** The live feed over Redis Pub/Sub, with its end. */
export type RedisLiveFeed = LiveFeed & { close(): void };

type Receive = (channel: string, news: unknown) => void;
type Decode = (text: string, bytes: number) => News | null;
type News = Live<RoomEvent | RoomSignal> | UserSignal;

/**
 * One subscription for each channel and process, however many listen: that is what graphql-redis-subscriptions counts. It is given a
 * client of ours instead of ioredis's, since on its own it
 * - leaves its entries behind where a SUBSCRIBE fails, and rejects a second promise that nobody holds, which ends the process: so ours never
 *   fails, and whether the channel is really subscribed is asked for afterwards;
 * - cannot do sharded Pub/Sub, nor tell when subscriptions are back after a reconnect: `subscriber.ts` does both;
 * - hands on what is not JSON as it came, and stops at the first listener that throws: news is decoded, checked and counted before it
 *   gets there, and what is not a string it hands on untouched.
 */
export function createLiveFeed({ route, link, log, unreadable, onConnected }: LiveFeedParts): RedisLiveFeed {
  const decoders = new Map<string, Decode>();
  const ends = new Map<string, Promise<void>>();
  const failed = new Set<string>();
  const restored = new Set<() => void>();
  let receive: Receive = () => {};
  let closed = false;

  const subscriber = createSubscriber(route, {
    onMessage(channel, text, bytes) {
      const decode = decoders.get(channel);
      if (!decode) return;
      const news = decode(text, bytes);
      if (news) receive(channel, news);
      else unreadable(channel);
    },
    onRestored() {
      for (const listener of restored) listener();
    },
    onConnected,
  });

  const client = {
    on(event: string, listener: Receive) {
      if (event === 'message') receive = listener;
    },
    subscribe(channel: string, done: (error: null) => void) {
      const onFailure = () => void failed.add(channel);
      void subscriber
        .subscribe(channel)
        .catch(onFailure)
        .then(() => done(null));
    },
    unsubscribe(channel: string) {
      decoders.delete(channel);
      failed.delete(channel);
      const end = subscriber.unsubscribe(channel).finally(() => ends.get(channel) === end && ends.delete(channel));
      ends.set(channel, end);
    },
    punsubscribe() {},
  };
  // The library uses no more of a client than the above.
  const pubsub = new RedisPubSub({ publisher: client as unknown as Redis, subscriber: client as unknown as Redis });

  async function watch(channel: string, decode: Decode, listener: (news: News) => void) {
    if (closed) throw unavailable();
    decoders.set(channel, decode);
    const id = await pubsub.subscribe<News>(channel, (news) => tell(listener, news));
    let end: Promise<void> | null = null;
    const unwatch = () => {
      if (!end) {
        pubsub.unsubscribe(id);
        end = ends.get(channel) ?? Promise.resolve();
      }
      return end;
    };
    if (!failed.has(channel)) return unwatch;
    await unwatch();
    throw unavailable();
  }

  function tell(listener: (news: News) => void, news: News): void {
    try {
      listener(news);
    } catch (error) {
      log.error({ err: error }, 'A listener to the live feed threw');
    }
  }

  return {
    watchRoom(roomId, listener) {
      const decode: Decode = (text, bytes) => {
        const event = decodeRoomNews(roomId, text);
        return event && { event, bytes };
      };
      return watch(roomChannel(roomId), decode, (news) => 'event' in news && listener(news));
    },
    watchUser: (userId, listener) => watch(userChannel(userId), decodeUserNews, (news) => !('event' in news) && listener(news)),
    onRestored(listener) {
      restored.add(listener);
      return () => void restored.delete(listener);
    },
    get connected() {
      return subscriber.connected;
    },
    async signal(roomIds, signal) {
      const text = encodeSignal(signal);
      const publish = (channel: string) =>
        link.run((redis) => (route.sharded ? redis.spublish(channel, text) : redis.publish(channel, text)));
      await Promise.all(roomIds.map((roomId) => publish(roomChannel(roomId))));
    },
    get channels() {
      return decoders.size;
    },
    close() {
      closed = true;
      decoders.clear();
      restored.clear();
      subscriber.close();
    },
  };
}
