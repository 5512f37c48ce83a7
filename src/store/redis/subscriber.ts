import { unavailable } from '../../domain/errors.ts';
import { backoffMs, COMMAND_MS } from './clients.ts';
import { createFeedConnection, type FeedConnection } from './feed-connection.ts';
import { within } from './link.ts';
import type { Route } from './routes.ts';

/** Listens to channels, and keeps listening: whatever breaks, every wanted channel is subscribed again. */
export interface Subscriber {
  /** Resolves when Redis has confirmed. Rejects with UNAVAILABLE where that cannot be had within seconds; then the channel is not wanted. */
  subscribe(channel: string): Promise<void>;
  /** Resolves when Redis has confirmed, or when there is nothing left to end. Never rejects. */
  unsubscribe(channel: string): Promise<void>;
  /** Whether all that was subscribed still is, as far as is known. */
  readonly connected: boolean;
  close(): void;
}

/** What a subscriber tells. */
export interface SubscriberEvents {
  onMessage(channel: string, text: string, bytes: number): void;
  /** All channels are subscribed again after some were not: anything may have been lost in between. */
  onRestored(): void;
  /** Whether {@link Subscriber.connected} has changed. */
  onConnected(connected: boolean): void;
}

/** A connection with the channels that are to be subscribed on it. */
interface Feed {
  readonly connection: FeedConnection;
  readonly todo: Set<string>;
  busy: boolean;
  /** Not up yet for the first time: nothing has been lost by it. */
  fresh: boolean;
}

/** A wanted channel: where it is subscribed, and whom to tell when it is. */
interface Want {
  feed: Feed | null;
  readonly onPlaced: () => void;
}

/** Channels subscribed to at once: bounds what one of them has to wait for. */
const BATCH = 500;

/*
 * ioredis can subscribe again by itself after a reconnect, and for a cluster after a slot has moved, but it passes over a failure to do so: the
 * channel would stay silent, and nobody would know when all are back. So each wanted channel is placed here, on the server that owns
 * it now, again and again until it is confirmed there. A channel is in one of four states: unplaced, waiting on a feed (todo), under
 * way, or placed (its feed is set).
 */
export function createSubscriber(route: Route, events: SubscriberEvents): Subscriber {
  const wanted = new Map<string, Want>();
  const unplaced = new Set<string>();
  // Those that were placed and are not any more.
  const missing = new Set<string>();
  const feeds = new Map<string, Feed>();
  let lost = false;
  let connected = !route.lasting;
  let failures = 0;
  let retry: NodeJS.Timeout | null = null;
  let turn: NodeJS.Immediate | null = null;
  let closed = false;

  // A node that nothing was subscribed on yet is not missed.
  const standing = ({ connection, fresh }: Feed) => connection.up || (fresh && !route.lasting);
  const isWhole = () => !closed && missing.size === 0 && [...feeds.values()].every(standing);

  function report(): void {
    const whole = isWhole();
    if (whole !== connected) {
      connected = whole;
      events.onConnected(whole);
    }
    if (!whole || !lost) return;
    lost = false;
    events.onRestored();
  }

  function feedOf(owner: string): Feed | null {
    const existing = feeds.get(owner);
    const client = existing ? null : route.open(owner);
    if (existing || !client) return existing ?? null;
    const connection = createFeedConnection(client, owner, route, {
      onMessage: events.onMessage,
      onUp: () => {
        feed.fresh = false;
        place();
        pump(feed);
        report();
      },
      onDown: () => drop(feed),
      onMoved: () => misplace(feed),
    });
    const feed: Feed = { connection, todo: new Set(), busy: false, fresh: true };
    feeds.set(owner, feed);
    return feed;
  }

  function drop(feed: Feed): void {
    const { owner } = feed.connection;
    if (closed || feeds.get(owner) !== feed) return;
    if (!route.lasting) {
      feeds.delete(owner);
      feed.connection.close();
    }
    misplace(feed);
  }

  /** Nothing on this feed counts as subscribed any more. */
  function misplace(feed: Feed): void {
    for (const channel of feed.todo) unplaced.add(channel);
    feed.todo.clear();
    for (const [channel, want] of wanted) if (want.feed === feed) lose(channel, want);
    lost = true;
    route.refresh();
    if (unplaced.size > 0) later();
    report();
  }

  function lose(channel: string, want: Want): void {
    want.feed = null;
    unplaced.add(channel);
    missing.add(channel);
  }

  /** Tries again what could not be placed, soon, and less soon after every failure. */
  function later(): void {
    if (closed || retry) return;
    failures += 1;
    retry = setTimeout(() => {
      retry = null;
      place();
    }, backoffMs(failures)).unref();
  }

  /** What is wanted in one turn of the loop is asked for at once. */
  function soon(): void {
    turn ??= setImmediate(() => {
      turn = null;
      place();
    });
  }

  function place(): void {
    if (closed) return;
    const touched = new Set<Feed>();
    for (const channel of unplaced) {
      const owner = route.owner(channel);
      const feed = owner === null ? null : feedOf(owner);
      if (!feed) continue;
      unplaced.delete(channel);
      feed.todo.add(channel);
      touched.add(feed);
    }
    for (const feed of touched) pump(feed);
    if (unplaced.size > 0) later();
  }

  function pump(feed: Feed): void {
    if (closed || feed.busy || !feed.connection.up || feed.todo.size === 0) return;
    const batch = [...feed.todo].slice(0, BATCH);
    for (const channel of batch) feed.todo.delete(channel);
    feed.busy = true;
    void feed.connection.subscribe(batch).then((confirmed) => {
      feed.busy = false;
      settle(feed, batch, new Set(confirmed));
      pump(feed);
    });
  }

  function settle(feed: Feed, asked: readonly string[], confirmed: ReadonlySet<string>): void {
    if (closed) return;
    for (const channel of asked) {
      const want = wanted.get(channel);
      if (confirmed.has(channel)) confirm(feed, channel, want);
      else if (want && !want.feed) unplaced.add(channel);
    }
    if (confirmed.size > 0) failures = 0;
    if (unplaced.size > 0) {
      route.refresh();
      later();
    }
    report();
  }

  function confirm(feed: Feed, channel: string, want: Want | undefined): void {
    if (!want) return void feed.connection.unsubscribe(channel);
    want.feed = feed;
    unplaced.delete(channel);
    missing.delete(channel);
    feed.todo.delete(channel);
    want.onPlaced();
  }

  function forget(channel: string): Feed | null {
    const feed = wanted.get(channel)?.feed ?? null;
    wanted.delete(channel);
    unplaced.delete(channel);
    missing.delete(channel);
    for (const { todo } of feeds.values()) todo.delete(channel);
    report();
    return feed;
  }

  route.onChange(() => {
    for (const [channel, want] of wanted) {
      if (!want.feed || route.owner(channel) === want.feed.connection.owner) continue;
      void want.feed.connection.unsubscribe(channel);
      lose(channel, want);
      lost = true;
    }
    if (unplaced.size > 0) place();
    report();
  });
  const onlyOwner = route.lasting ? route.owner('') : null;
  if (onlyOwner !== null) feedOf(onlyOwner);

  return {
    async subscribe(channel) {
      if (closed) throw unavailable();
      let want: Want | null = null;
      const placed = new Promise<void>((onPlaced) => {
        want = { feed: null, onPlaced };
        wanted.set(channel, want);
      });
      unplaced.add(channel);
      soon();
      try {
        await within(COMMAND_MS, placed);
      } catch (error) {
        if (wanted.get(channel) === want) forget(channel);
        throw unavailable(error);
      }
    },
    async unsubscribe(channel) {
      await forget(channel)?.connection.unsubscribe(channel);
    },
    get connected() {
      return connected;
    },
    close() {
      closed = true;
      if (retry) clearTimeout(retry);
      if (turn) clearImmediate(turn);
      for (const { connection } of feeds.values()) connection.close();
      feeds.clear();
      wanted.clear();
    },
  };
}
