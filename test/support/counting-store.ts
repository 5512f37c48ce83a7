import type { Store } from '../../src/ports/store.ts';

/** A store that does the same and writes down each call, such as `timeline.append`. */
export function countingStore(store: Store): { readonly store: Store; readonly calls: string[] } {
  const calls: string[] = [];
  const counted = <T extends object>(port: T, name: string): T =>
    new Proxy(port, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          calls.push(`${name}.${String(key)}`);
          return Reflect.apply(value, target, args);
        };
      },
    });
  return {
    calls,
    store: {
      ...store,
      accounts: counted(store.accounts, 'accounts'),
      sessions: counted(store.sessions, 'sessions'),
      directory: counted(store.directory, 'directory'),
      rooms: counted(store.rooms, 'rooms'),
      memberships: counted(store.memberships, 'memberships'),
      joinedRooms: counted(store.joinedRooms, 'joinedRooms'),
      timeline: counted(store.timeline, 'timeline'),
      presence: counted(store.presence, 'presence'),
      rates: counted(store.rates, 'rates'),
    },
  };
}
