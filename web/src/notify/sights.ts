import { hold } from '../base/hold.ts';

/** What rooms someone looks at, in whichever tabs of one user and browser. */
export interface Sights {
  /** Someone looks at that room in this tab from now on; null: at none. */
  look(roomId: string | null): void;
  /** Whether someone looks at that room in any tab. */
  has(roomId: string): Promise<boolean>;
  close(): void;
}

/** The sights of the tabs that use the same name. */
export const createSights = (name: string): Sights =>
  navigator.locks ? createHeldSights(navigator.locks, name) : createToldSights(name);

/** A lock is held for what is looked at: it ends with its tab, also where that crashes and can no longer tell anyone. */
function createHeldSights(locks: LockManager, name: string): Sights {
  const lockOf = (roomId: string) => `${name}-sees-${roomId}`;
  let seen: string | null = null;
  let release = () => {};
  const look = (roomId: string | null) => {
    if (roomId === seen) return;
    seen = roomId;
    release();
    release = roomId === null ? () => {} : hold(locks, lockOf(roomId), 'shared');
  };
  return {
    look,
    async has(roomId) {
      const { held = [] } = await locks.query();
      return held.some((lock) => lock.name === lockOf(roomId));
    },
    close: () => look(null),
  };
}

/** What one tab tells the others. */
interface Sight {
  readonly tab: string;
  readonly roomId: string | null;
}

/** Without locks the tabs tell each other, and one that crashes is believed until the others are loaded anew. */
function createToldSights(name: string): Sights {
  const tab = Math.random().toString(36).slice(2);
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(name) : null;
  const sights = new Map<string, string>();
  const see = ({ tab: from, roomId }: Sight) => {
    if (roomId === null) sights.delete(from);
    else sights.set(from, roomId);
  };
  if (channel) channel.onmessage = ({ data }: MessageEvent<Sight>) => see(data);
  const look = (roomId: string | null) => {
    const sight = { tab, roomId };
    see(sight);
    channel?.postMessage(sight);
  };
  return {
    look,
    has: (roomId) => Promise.resolve([...sights.values()].includes(roomId)),
    close() {
      look(null);
      channel?.close();
    },
  };
}
