import { badInput, notFound } from '../domain/errors.ts';
import { isRoomId, isUserId, newRoomId } from '../domain/ids.ts';
import type { Room, RoomKind } from '../domain/room.ts';
import { fold, parseLine } from '../domain/text.ts';
import type { DirectoryEntry } from '../ports/directory.ts';
import { type Deps, keepOf } from './deps.ts';
import { listDirectory, type SearchArgs } from './listing.ts';
import type { Loaders } from './loaders.ts';
import type { Page } from './page.ts';
import { mayRead, requireUpdater } from './policy.ts';
import { type MaybePrincipal, type Principal, requireSignedIn } from './principal.ts';
import { spend } from './rates.ts';
import { retryWhenStale } from './retry.ts';
import { placeOf } from './standing.ts';
import { words } from './words.ts';

/** The longest room name and topic in code points. */
export const ROOM_NAME_MAX = 80;
export const TOPIC_MAX = 250;

/** What a new room is made of, as a client gave it. */
export interface CreateRoomInput {
  readonly name: string;
  readonly kind?: RoomKind | null | undefined;
  readonly topic?: string | null | undefined;
  readonly memberIds?: readonly string[] | null | undefined;
}

/** What to change; undefined leaves as it is, and so does a name of null. A topic of null or '' goes away. */
export interface UpdateRoomInput {
  readonly roomId: string;
  readonly name?: string | null | undefined;
  readonly topic?: string | null | undefined;
}

/** Rooms themselves. */
export interface Rooms {
  /** The room, where there is one and the viewer may know of it; else null. */
  find(viewer: MaybePrincipal, loaders: Loaders, id: string): Promise<Room | null>;
  /** The room, or NOT_FOUND as {@link find}. */
  read(viewer: MaybePrincipal, loaders: Loaders, id: string): Promise<Room>;
  /** The public rooms by name; with `search` those with a word that starts so. Throws BAD_USER_INPUT ("search", "first", "after"). */
  list(viewer: MaybePrincipal, loaders: Loaders, args: SearchArgs): Promise<Page<Room>>;
  /** Makes a public or private room owned by the viewer, with these members. Throws BAD_USER_INPUT naming the field, CONFLICT (too many rooms), RATE_LIMITED. */
  create(viewer: MaybePrincipal, input: CreateRoomInput): Promise<Room>;
  /** Changes name and topic: one event, none where nothing changes. Owners and moderators. Throws NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, RATE_LIMITED. */
  update(viewer: MaybePrincipal, input: UpdateRoomInput): Promise<Room>;
}

/** @param deps store and settings */
export function createRooms(deps: Deps): Rooms {
  const { store, config } = deps;

  async function find(viewer: MaybePrincipal, loaders: Loaders, id: string): Promise<Room | null> {
    const { userId } = requireSignedIn(viewer);
    if (!isRoomId(id)) return null;
    const [room, membership] = await Promise.all([loaders.room.load(id), loaders.membership.load({ roomId: id, userId })]);
    if (room === null) return null;
    return mayRead({ kind: room.kind, role: membership?.role ?? null }) ? room : null;
  }

  async function repaired(entry: DirectoryEntry, room: Room | null): Promise<Room | null> {
    if (room?.kind !== 'PUBLIC' || room.name === null) {
      await store.directory.remove('rooms', entry.id);
      return null;
    }
    if (fold(room.name) !== fold(entry.name)) await store.directory.put('rooms', { id: room.id, name: room.name });
    return room;
  }

  async function requireUsers(ids: readonly string[]): Promise<void> {
    if (ids.length > config.limits.membersAtCreation) {
      throw badInput('input.memberIds', `Must be at most ${config.limits.membersAtCreation}.`);
    }
    const users = ids.every(isUserId) ? await store.accounts.get(ids) : [null];
    if (users.includes(null)) throw badInput('input.memberIds', 'Names a user who does not exist.');
  }

  async function update(viewer: Principal, roomId: string, wanted: { name?: string; topic?: string | null }): Promise<Room> {
    const [place, [room]] = await Promise.all([placeOf(store, roomId, viewer.userId), store.rooms.get([roomId])]);
    const role = requireUpdater(place);
    if (!room) throw notFound('room');
    const name = wanted.name === room.name ? undefined : wanted.name;
    const topic = wanted.topic === room.topic ? undefined : wanted.topic;
    if (name === undefined && topic === undefined) return room;
    return store.rooms.update({
      roomId,
      actorId: viewer.userId,
      guard: [{ userId: viewer.userId, role }],
      ...(name === undefined ? {} : { name }),
      ...(topic === undefined ? {} : { topic }),
      body: words.updated(name, topic),
      keep: keepOf(config, roomId),
    });
  }

  return {
    find,

    async read(viewer, loaders, id) {
      const room = await find(viewer, loaders, id);
      if (room === null) throw notFound('room');
      return room;
    },

    async list(viewer, loaders, args) {
      requireSignedIn(viewer);
      return listDirectory(deps, 'rooms', args, async (entry) => repaired(entry, await loaders.room.load(entry.id)));
    },

    async create(viewer, input) {
      const { userId, displayName } = requireSignedIn(viewer);
      const name = parseLine('input.name', input.name, 1, ROOM_NAME_MAX);
      const topic = parseTopic(input.topic) ?? null;
      const kind = input.kind ?? 'PUBLIC';
      if (kind === 'DIRECT')
        throw badInput('input.kind', 'Must be PUBLIC or PRIVATE; a direct room is opened with openDirectRoom.');
      const others = [...new Set(input.memberIds ?? [])].filter((id) => id !== userId);
      await spend(store.rates, `write:${userId}`, config.rates.write);
      await requireUsers(others);
      const id = newRoomId();
      const listed = async () => {
        if (kind === 'PUBLIC') await store.directory.put('rooms', { id, name });
      };
      const everyone = [userId, ...others];
      // Listed before and after: a crash in between leaves no room that nobody can find, and a reader who met the entry first cannot have removed it for good.
      await Promise.all([listed(), ...everyone.map((each) => store.joinedRooms.expect(each, id, config.limits.roomsPerUser))]);
      const { room } = await store.rooms.create({
        id,
        kind,
        name,
        topic,
        members: [
          { userId, role: 'OWNER', joined: words.created },
          ...others.map((each) => ({ userId: each, role: 'MEMBER' as const, joined: words.addedBy(displayName) })),
        ],
      });
      await Promise.all([listed(), ...everyone.map((each) => store.joinedRooms.settle(each, id, true))]);
      return room;
    },

    async update(viewer, input) {
      const principal = requireSignedIn(viewer);
      const topic = parseTopic(input.topic);
      const wanted = {
        ...(typeof input.name === 'string' ? { name: parseLine('input.name', input.name, 1, ROOM_NAME_MAX) } : {}),
        ...(topic === undefined ? {} : { topic }),
      };
      await spend(store.rates, `write:${principal.userId}`, config.rates.write);
      const room = await retryWhenStale(() => update(principal, input.roomId, wanted));
      if (room.kind === 'PUBLIC' && room.name !== null) await store.directory.put('rooms', { id: room.id, name: room.name });
      return room;
    },
  };
}

/** The topic, checked; null for none, undefined where not given. */
function parseTopic(topic: string | null | undefined): string | null | undefined {
  if (topic === undefined || topic === null) return topic;
  return parseLine('input.topic', topic, 0, TOPIC_MAX) || null;
}
