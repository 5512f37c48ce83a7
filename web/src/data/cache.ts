import { type Cache, cacheExchange, type Data, type KeyingConfig, type UpdatesConfig } from '@urql/exchange-graphcache';
import schema from '../graphql-schema.json';

/** There is one viewer in a cache: it begins anew with every session. */
const VIEWER = 'Viewer:me';

// What has no identity of its own lives inside what it belongs to.
const inside = () => null;
const keys: KeyingConfig = {
  Viewer: () => 'me',
  Membership: (data) => membershipKey(data),
  ...Object.fromEntries(
    schema.__schema.types
      .filter(({ kind, name }) => kind === 'OBJECT' && /(Connection|Edge|Payload|^PageInfo|^Reaction|^Presence)$/.test(name))
      .map(({ name }) => [name, inside]),
  ),
  ...Object.fromEntries(
    ['CaughtUp', 'Reset', 'MessageSent', 'MessageUpdated', 'MemberJoined', 'MemberLeft', 'RoomUpdated', 'ReadReceiptMoved']
      .concat(['TypingStarted', 'PresenceChanged', 'ViewerCaughtUp', 'MembershipAdded', 'MembershipUpdated', 'MembershipRemoved'])
      .concat(['ContactPresenceChanged'])
      .map((name) => [name, inside]),
  ),
};

/** A membership is named by its room and its user. */
function membershipKey({ room, user }: Data): string | null {
  const [roomId, userId] = [idOf(room), idOf(user)];
  return roomId === null || userId === null ? null : `${roomId} ${userId}`;
}

function idOf(value: unknown): string | null {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : null;
}

function fieldOf(value: unknown, name: string): Data | null {
  if (typeof value !== 'object' || value === null || !(name in value)) return null;
  const inner: unknown = Reflect.get(value, name);
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Data) : null;
}

/** Every list of memberships that is in the cache below an entity: one link for each page read. What was searched for is none. */
function pagesOf(cache: Cache, entity: string, field: string): string[] {
  const pages = cache
    .inspectFields(entity)
    .filter(({ fieldName, arguments: args }) => fieldName === field && args?.first !== 2 && !args?.search);
  return pages
    .sort((a, b) => Number(Boolean(a.arguments?.after)) - Number(Boolean(b.arguments?.after)))
    .map(({ fieldKey }) => cache.resolve(entity, fieldKey))
    .filter((page) => typeof page === 'string');
}

function linksOf(cache: Cache, page: string): string[] {
  const nodes = cache.resolve(page, 'nodes');
  return Array.isArray(nodes) ? nodes.filter((node) => typeof node === 'string') : [];
}

/** Puts a membership at the end of the list, unless it stands in it: of the viewer's rooms the first page has them all. */
function insert(cache: Cache, entity: string, membership: Data | null): void {
  const key = membership && cache.keyOfEntity(membership);
  if (!key) return;
  const pages = pagesOf(cache, entity, entity === VIEWER ? 'memberships' : 'members');
  if ((entity === VIEWER ? pages.slice(0, 1) : pages).some((page) => linksOf(cache, page).includes(key))) return;
  const page = entity === VIEWER ? pages[0] : pages.at(-1);
  if (page !== undefined) cache.link(page, 'nodes', [...linksOf(cache, page), key]);
}

/** Takes the memberships for which that is so off all pages. */
function remove(cache: Cache, entity: string, field: string, isIt: (key: string) => boolean): void {
  for (const page of pagesOf(cache, entity, field)) {
    const links = linksOf(cache, page);
    if (links.some(isIt))
      cache.link(
        page,
        'nodes',
        links.filter((key) => !isIt(key)),
      );
  }
}

const updates: UpdatesConfig = {
  Viewer: {
    // Further pages join the first: what shows the rooms looks at one list.
    memberships({ memberships }, { after }, cache) {
      const nodes: unknown = after ? Reflect.get(fieldOf({ memberships }, 'memberships') ?? {}, 'nodes') : null;
      if (Array.isArray(nodes)) for (const node of nodes) insert(cache, VIEWER, fieldOf({ node }, 'node'));
    },
  },
  Subscription: {
    viewerEvents({ viewerEvents: event }, _args, cache) {
      const viewer = fieldOf(event, 'viewer');
      if (viewer) cache.link('Query', 'viewer', VIEWER);
      insert(cache, VIEWER, fieldOf(event, 'membership'));
      const roomId: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, 'roomId') : null;
      if (typeof roomId === 'string')
        remove(cache, VIEWER, 'memberships', (key) => cache.resolve(key, 'room') === `Room:${roomId}`);
    },
    roomEvents({ roomEvents: event }, { roomId }, cache) {
      const room = `Room:${String(roomId)}`;
      const kind: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, '__typename') : null;
      if (kind === 'MemberJoined') insert(cache, room, fieldOf(event, 'membership'));
      const gone = kind === 'MemberLeft' ? idOf(fieldOf(event, 'user')) : null;
      if (gone !== null) remove(cache, room, 'members', (key) => cache.resolve(key, 'user') === `User:${gone}`);
      // A role that changed is told in words only: what is shown of the members is read again.
      if (kind === 'RoomUpdated') for (const page of pagesOf(cache, room, 'members')) invalidate(cache, room, page);
    },
  },
  Mutation: {
    joinRoom: ({ joinRoom }, _args, cache) => insert(cache, VIEWER, fieldOf(joinRoom, 'membership')),
    createRoom: ({ createRoom }, _args, cache) => insert(cache, VIEWER, fieldOf(fieldOf(createRoom, 'room'), 'viewerMembership')),
    openDirectRoom: ({ openDirectRoom }, _args, cache) =>
      insert(cache, VIEWER, fieldOf(fieldOf(openDirectRoom, 'room'), 'viewerMembership')),
    leaveRoom(_result, { input }, cache) {
      const roomId = fieldOf({ input }, 'input')?.roomId;
      remove(cache, VIEWER, 'memberships', (key) => cache.resolve(key, 'room') === `Room:${String(roomId)}`);
    },
  },
};

function invalidate(cache: Cache, entity: string, page: string): void {
  const fieldKey = page.slice(entity.length + 1);
  for (const field of cache.inspectFields(entity)) {
    if (field.fieldKey === fieldKey) cache.invalidate(entity, field.fieldName, field.arguments ?? undefined);
  }
}

/** The cache of one session: every room, user, membership and message once, whichever operation brought it. */
export const createCache = () =>
  cacheExchange({
    schema,
    keys,
    updates,
    resolvers: {
      Query: {
        // What is asked for by its id may be there already.
        room: (_parent, { id }) => ({ __typename: 'Room', id: String(id) }),
      },
    },
  });
