import DataLoader from 'dataloader';
import type { Message } from '../domain/message.ts';
import type { Presence } from '../domain/presence.ts';
import type { Membership, Room } from '../domain/room.ts';
import type { User } from '../domain/user.ts';
import type { Store } from '../ports/store.ts';

/** A membership by room and user. */
export interface MembershipKey {
  readonly roomId: string;
  readonly userId: string;
}

/** A timeline entry by room and number. */
export interface MessageKey {
  readonly roomId: string;
  readonly number: number;
}

/**
 * Reads of one operation (or one event of a subscription): those asked for in one turn go to the store together, and each is remembered.
 * Never shared between operations. Null where there is none. No permission is asked here.
 */
export interface Loaders {
  readonly user: DataLoader<string, User | null>;
  readonly room: DataLoader<string, Room | null>;
  readonly membership: DataLoader<MembershipKey, Membership | null, string>;
  readonly message: DataLoader<MessageKey, Message | null, string>;
  /** The newest timeline entry of a room. */
  readonly newest: DataLoader<string, Message | null>;
  readonly presence: DataLoader<string, Presence>;
  /** The ids of a user's rooms; may name one the user is no longer in. */
  readonly joined: DataLoader<string, readonly string[]>;
  /** Forgets everything: what a mutation changed must be read anew. */
  clear(): void;
}

/** New loaders over the store, for one operation or event. */
export function createLoaders(store: Store): Loaders {
  const user = new DataLoader<string, User | null>((ids) => store.accounts.get(ids));
  const room = new DataLoader<string, Room | null>((ids) => store.rooms.get(ids));
  const membership = new DataLoader<MembershipKey, Membership | null, string>((pairs) => store.memberships.get(pairs), {
    cacheKeyFn: ({ roomId, userId }) => `${roomId} ${userId}`,
  });
  const message = new DataLoader<MessageKey, Message | null, string>((refs) => store.timeline.get(refs), {
    cacheKeyFn: ({ roomId, number }) => `${roomId} ${number}`,
  });
  const newest = new DataLoader<string, Message | null>((roomIds) => store.timeline.newest(roomIds));
  const presence = new DataLoader<string, Presence>((userIds) => store.presence.get(userIds));
  const joined = new DataLoader<string, readonly string[]>((userIds) =>
    Promise.all(userIds.map(async (userId) => (await store.joinedRooms.list(userId)).roomIds)),
  );
  const clear = () => {
    for (const loader of [user, room, membership, message, newest, presence, joined]) loader.clearAll();
  };
  return { user, room, membership, message, newest, presence, joined, clear };
}
