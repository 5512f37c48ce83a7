import { unavailable } from '../../domain/errors.ts';
import type { RoomEvent, RoomSignal, UserSignal } from '../../domain/event.ts';
import type { Live, LiveFeed } from '../../ports/live-feed.ts';
import type { Log, Outlet } from './writer.ts';

/** The live feed inside one process: nothing lies between a step and its listeners, so nothing is ever lost or restored. */
export interface LocalFeed extends LiveFeed, Outlet {
  close(): void;
}

type Listeners<T> = Map<string, Set<(news: T) => void>>;

/** A feed without listeners yet. */
export function createLocalFeed(log: Log): LocalFeed {
  const rooms: Listeners<Live<RoomEvent | RoomSignal>> = new Map();
  const users: Listeners<UserSignal> = new Map();
  let open = true;

  async function watch<T>(listeners: Listeners<T>, id: string, listener: (news: T) => void): Promise<() => Promise<void>> {
    if (!open) throw unavailable();
    // A function of its own per watch: one listener may watch twice.
    const own = (news: T) => listener(news);
    const set = listeners.get(id) ?? new Set();
    listeners.set(id, set.add(own));
    return async () => {
      set.delete(own);
      if (set.size === 0 && listeners.get(id) === set) listeners.delete(id);
    };
  }

  function deliver<T>(set: ReadonlySet<(news: T) => void>, news: T): void {
    for (const listener of [...set]) {
      if (!set.has(listener)) continue;
      try {
        listener(news);
      } catch (err) {
        log.error({ err }, 'a listener of the live feed threw');
      }
    }
  }

  const publish: Outlet['publish'] = (roomId, event) => {
    const set = rooms.get(roomId);
    if (set) deliver(set, { event, bytes: Buffer.byteLength(JSON.stringify(event)) });
  };

  return {
    watchRoom: (roomId, listener) => watch(rooms, roomId, listener),
    watchUser: (userId, listener) => watch(users, userId, listener),
    onRestored: () => () => undefined,
    get connected() {
      return open;
    },
    get channels() {
      return rooms.size + users.size;
    },
    async signal(roomIds, signal) {
      if (!open) throw unavailable();
      for (const roomId of roomIds) publish(roomId, signal);
    },
    publish,
    tell(userId, signal) {
      const set = users.get(userId);
      if (set) deliver(set, signal);
    },
    close() {
      open = false;
      rooms.clear();
      users.clear();
    },
  };
}
