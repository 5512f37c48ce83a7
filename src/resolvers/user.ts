import type { Context } from '../context.ts';
import { notFound } from '../domain/errors.ts';
import type { Presence, UserBacking } from './backing.ts';

/** The user, as met in that room; null where the account is gone. */
export async function findUser(context: Context, id: string, seenIn: string): Promise<UserBacking | null> {
  const user = await context.loaders.user.load(id);
  return user && { ...user, seenIn };
}

/** As {@link findUser}, for one who must be there. */
export async function loadUser(context: Context, id: string, seenIn: string): Promise<UserBacking> {
  const user = await findUser(context, id, seenIn);
  if (user === null) throw notFound('user');
  return user;
}

/** As {@link findUser}, for several; those whose account is gone are left out. */
export async function findUsers(context: Context, ids: readonly string[], seenIn: string): Promise<UserBacking[]> {
  const users = await Promise.all(ids.map((id) => findUser(context, id, seenIn)));
  return users.filter((user) => user !== null);
}

/** `User.presence`. */
export const userPresence = async (user: UserBacking, _args: object, context: Context): Promise<Presence> =>
  user.presence ?? context.services.presence.of(context.viewer, context.loaders, user.id, user.seenIn ?? null);
