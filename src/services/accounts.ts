import { newUserId } from '../domain/ids.ts';
import type { User } from '../domain/user.ts';
import { joinDefaultRoom } from './default-room.ts';
import type { Deps } from './deps.ts';

/** Files the user in the directory, under both names. Idempotent. */
export const fileUser = ({ store }: Pick<Deps, 'store'>, user: User): Promise<void> =>
  store.directory.put('users', { id: user.id, name: user.displayName, alsoKnownAs: user.username });

/** Makes an account from checked input, files it and lets it into the default room. Throws CONFLICT where the username is taken. */
export async function createAccount(
  deps: Deps,
  input: { readonly username: string; readonly password: string; readonly displayName: string },
): Promise<User> {
  const passwordHash = await deps.hasher.hash(input.password);
  const user = await deps.store.accounts.create({
    id: newUserId(),
    username: input.username,
    displayName: input.displayName,
    avatarUrl: null,
    isBot: false,
    passwordHash,
  });
  await Promise.all([fileUser(deps, user), joinDefaultRoom(deps, user.id)]);
  return user;
}

/** The user without what only the sign-in code may see. */
export const withoutSecrets = ({ id, username, displayName, avatarUrl, isBot, createdAt }: User): User => ({
  id,
  username,
  displayName,
  avatarUrl,
  isBot,
  createdAt,
});
