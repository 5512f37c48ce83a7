import type { Context } from '../context.ts';
import { notFound } from '../domain/errors.ts';
import { metUser, type Presence, type UserBacking } from './backing.ts';

/** The user, as met in that room; null where the account is gone. At once where it is known: a promise is what makes telling of an event slow. */
export function findUser(context: Context, id: string, seenIn: string): UserBacking | null | Promise<UserBacking | null> {
  const known = context.loaders.knownUser(id);
  return known ? metUser(known, seenIn) : readUser(context, id, seenIn);
}

async function readUser(context: Context, id: string, seenIn: string): Promise<UserBacking | null> {
  const user = await context.loaders.user.load(id);
  return user && metUser(user, seenIn);
}

/** As {@link findUser}, for one who must be there. */
export async function loadUser(context: Context, id: string, seenIn: string): Promise<UserBacking> {
  const user = await findUser(context, id, seenIn);
  if (user === null) throw notFound('user');
  return user;
}

/** As {@link findUser}, for several; those whose account is gone are left out. */
export function findUsers(context: Context, ids: readonly string[], seenIn: string): UserBacking[] | Promise<UserBacking[]> {
  if (ids.length === 0) return [];
  const found = ids.map((id) => findUser(context, id, seenIn));
  return Promise.all(found).then((users) => users.filter((user) => user !== null));
}

/** `User.presence`. */
export const userPresence = async (user: UserBacking, _args: object, context: Context): Promise<Presence> =>
  user.presence ?? context.services.presence.of(context.viewer, context.loaders, user.id, user.seenIn ?? null);
