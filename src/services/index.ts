import { type Auth, createAuth } from './auth.ts';
import { ensureRoom } from './default-room.ts';
import { ensureDemo } from './demo.ts';
import type { Deps } from './deps.ts';
import { createDirectRooms, type DirectRooms } from './direct-rooms.ts';
import { createKnownUsers } from './known-users.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import { createMembers, type Members } from './members.ts';
import { createMessages, type Messages } from './messages.ts';
import { createNodes, type Nodes } from './nodes.ts';
import { createPresence, type PresenceReads } from './presence.ts';
import { createReading, type Reading } from './reading.ts';
import { createRooms, type Rooms } from './rooms.ts';
import { createTyping, type Typing } from './typing.ts';
import { createUsers, type Users } from './users.ts';

export type { Authenticated } from './auth.ts';
export type { Deps, ServiceSettings } from './deps.ts';
export { createHasher, type Hasher } from './hasher.ts';
export type { Loaders } from './loaders.ts';

/** All that can be done, each with its permission asked. The same for everyone; who does it is the first argument. */
export interface Services {
  readonly auth: Auth;
  readonly users: Users;
  readonly rooms: Rooms;
  readonly directRooms: DirectRooms;
  readonly members: Members;
  readonly messages: Messages;
  readonly reading: Reading;
  readonly typing: Typing;
  readonly presence: PresenceReads;
  readonly nodes: Nodes;
  /** New loaders, for one operation or one event of a subscription. */
  loaders(): Loaders;
  /** Makes the default room and, where wanted, the demo data. Idempotent; run before serving. */
  prepare(): Promise<void>;
}

/** @param deps store, settings, hasher and log */
export function createServices(deps: Deps): Services {
  const rooms = createRooms(deps);
  const knownUsers = createKnownUsers(deps.store.accounts);
  return {
    auth: createAuth(deps, knownUsers),
    users: createUsers(deps),
    rooms,
    directRooms: createDirectRooms(deps),
    members: createMembers(deps),
    messages: createMessages(deps),
    reading: createReading(deps),
    typing: createTyping(deps),
    presence: createPresence(),
    nodes: createNodes(deps, rooms),
    loaders: () => createLoaders(deps.store, knownUsers),
    async prepare() {
      if (deps.config.defaultRoom !== '') await ensureRoom(deps, deps.config.defaultRoom);
      if (deps.config.demo) await ensureDemo(deps);
    },
  };
}
