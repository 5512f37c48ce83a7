import DataLoader from 'dataloader';
import type { Message } from '../domain/message.ts';
import type { Presence } from '../domain/presence.ts';
import type { Membership, Room } from '../domain/room.ts';
import type { User } from '../domain/user.ts';
import type { Store } from '../ports/store.ts';
import type { KnownUsers } from './known-users.ts';

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
 * Never shared between operations, but for users, whom nothing changes. Null where there is none. No permission is asked here.
 */
export interface Loaders {
  /** The user, where this process knows it without a read. */
  knownUser(id: string): User | null;
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
export const createLoaders = (store: Store, known: KnownUsers): Loaders => new OperationLoaders(store, known);

// A class, for it is made for every operation and event: one object, and a loader only where one is used.
class OperationLoaders implements Loaders {
  readonly #store: Store;
  readonly #known: KnownUsers;
  #user: Loaders['user'] | null = null;
  #room: Loaders['room'] | null = null;
  #membership: Loaders['membership'] | null = null;
  #message: Loaders['message'] | null = null;
  #newest: Loaders['newest'] | null = null;
  #presence: Loaders['presence'] | null = null;
  #joined: Loaders['joined'] | null = null;

  constructor(store: Store, known: KnownUsers) {
    this.#store = store;
    this.#known = known;
  }

  knownUser(id: string): User | null {
    return this.#known.peek(id);
  }

  get user(): Loaders['user'] {
    this.#user ??= new DataLoader((ids) => this.#known.get(ids));
    return this.#user;
  }

  get room(): Loaders['room'] {
    this.#room ??= new DataLoader((ids) => this.#store.rooms.get(ids));
    return this.#room;
  }

  get membership(): Loaders['membership'] {
    this.#membership ??= new DataLoader((pairs) => this.#store.memberships.get(pairs), {
      cacheKeyFn: ({ roomId, userId }) => `${roomId} ${userId}`,
    });
    return this.#membership;
  }

  get message(): Loaders['message'] {
    this.#message ??= new DataLoader((refs) => this.#store.timeline.get(refs), {
      cacheKeyFn: ({ roomId, number }) => `${roomId} ${number}`,
    });
    return this.#message;
  }

  get newest(): Loaders['newest'] {
    this.#newest ??= new DataLoader((roomIds) => this.#store.timeline.newest(roomIds));
    return this.#newest;
  }

  get presence(): Loaders['presence'] {
    this.#presence ??= new DataLoader((userIds) => this.#store.presence.get(userIds));
    return this.#presence;
  }

  get joined(): Loaders['joined'] {
    this.#joined ??= new DataLoader((userIds) =>
      Promise.all(userIds.map(async (userId) => (await this.#store.joinedRooms.list(userId)).roomIds)),
    );
    return this.#joined;
  }

  clear(): void {
    this.#user?.clearAll();
    this.#room?.clearAll();
    this.#membership?.clearAll();
    this.#message?.clearAll();
    this.#newest?.clearAll();
    this.#presence?.clearAll();
    this.#joined?.clearAll();
  }
}
