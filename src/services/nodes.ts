import { badInput } from '../domain/errors.ts';
import { isUserId, parseMessageId } from '../domain/ids.ts';
import type { Message } from '../domain/message.ts';
import type { User } from '../domain/user.ts';
import type { Deps } from './deps.ts';
import type { Loaders } from './loaders.ts';
import { type MaybePrincipal, requireSignedIn } from './principal.ts';
import type { Rooms } from './rooms.ts';

/** What a global id can name. */
export type NodeValue =
  | { readonly type: 'user'; readonly user: User }
  | { readonly type: 'room'; readonly id: string }
  | { readonly type: 'message'; readonly message: Message };

/** Anything by its global id. */
export interface Nodes {
  /** What the id names, where it names something that the viewer may know of; else null: the two look the same. */
  load(viewer: MaybePrincipal, loaders: Loaders, id: string): Promise<NodeValue | null>;
  /** As {@link load}, in the order asked. Throws BAD_USER_INPUT "ids" for more than a page of them. */
  loadMany(viewer: MaybePrincipal, loaders: Loaders, ids: readonly string[]): Promise<readonly (NodeValue | null)[]>;
}

/** @param rooms judges who may know of which room */
export function createNodes({ config }: Pick<Deps, 'config'>, rooms: Rooms): Nodes {
  async function findMessage(viewer: MaybePrincipal, loaders: Loaders, id: string): Promise<Message | null> {
    const ref = parseMessageId(id);
    if (ref === null) return null;
    const [room, message] = await Promise.all([rooms.find(viewer, loaders, ref.roomId), loaders.message.load(ref)]);
    return room !== null && message?.at === ref.at ? message : null;
  }

  async function load(viewer: MaybePrincipal, loaders: Loaders, id: string): Promise<NodeValue | null> {
    requireSignedIn(viewer);
    if (isUserId(id)) {
      const user = await loaders.user.load(id);
      return user && { type: 'user', user };
    }
    const message = await findMessage(viewer, loaders, id);
    if (message !== null) return { type: 'message', message };
    const room = await rooms.find(viewer, loaders, id);
    return room && { type: 'room', id: room.id };
  }

  return {
    load,
    async loadMany(viewer, loaders, ids) {
      requireSignedIn(viewer);
      if (ids.length > config.limits.page) throw badInput('ids', `Must be at most ${config.limits.page}.`);
      return Promise.all(ids.map((id) => load(viewer, loaders, id)));
    },
  };
}
