import type { LiveFeed } from '../../ports/live-feed.ts';
import type { Link } from './link.ts';
import type { StoreLog, StoreObserve } from './options.ts';

/** Says when one of the connections is down, and when all are up again: once for each change. */
export function createLinkState(log: StoreLog, observe: StoreObserve) {
  let isUp: () => boolean = () => true;
  let watched: readonly Link[] = [];
  let up = true;

  function update(): void {
    const now = isUp();
    if (now === up) return;
    up = now;
    if (up) log.warn({}, 'The link to Redis is up again');
    else log.warn({ reason: watched.map(({ reason }) => reason).find((reason) => reason !== null) }, 'The link to Redis is down');
    observe.onLink?.(up ? 'up' : 'down');
  }

  return {
    update,
    /** Watches from now on, starting from "up". */
    begin(links: readonly Link[], feed: Pick<LiveFeed, 'connected'>): void {
      // The feed connects by itself, a moment after the others; until it first has, it is not down.
      watched = links;
      let feedWasUp = false;
      isUp = () => {
        feedWasUp ||= feed.connected;
        return links.every((link) => link.up) && (feed.connected || !feedWasUp);
      };
      for (const link of links) link.onChange(update);
      update();
    },
    /** Says nothing any more. */
    end(): void {
      isUp = () => up;
    },
  };
}
