import { fold, isUsername } from '../domain/text.ts';
import type { User } from '../domain/user.ts';
import type { DirectoryEntry } from '../ports/directory.ts';
import { fileUser, withoutSecrets } from './accounts.ts';
import type { Deps } from './deps.ts';
import { listDirectory, type SearchArgs } from './listing.ts';
import type { Loaders } from './loaders.ts';
import type { Page } from './page.ts';
import { type MaybePrincipal, requireSignedIn } from './principal.ts';

/** Finding people. Everyone signed in may find everyone. */
export interface Users {
  /** The user of that name, in whatever case; null where there is none. */
  byUsername(viewer: MaybePrincipal, username: string): Promise<User | null>;
  /** Users by display name; with `search` those with a word of either name that starts so. Throws BAD_USER_INPUT ("search", "first", "after"). */
  list(viewer: MaybePrincipal, loaders: Loaders, args: SearchArgs): Promise<Page<User>>;
}

/** @param deps store and settings */
export function createUsers(deps: Deps): Users {
  const { store } = deps;

  async function repaired(entry: DirectoryEntry, user: User | null): Promise<User | null> {
    if (user === null) await store.directory.remove('users', entry.id);
    else if (fold(user.displayName) !== fold(entry.name)) await fileUser(deps, user);
    return user;
  }

  return {
    async byUsername(viewer, username) {
      requireSignedIn(viewer);
      const [account = null] = isUsername(username) ? await store.accounts.byUsername([username]) : [];
      return account && withoutSecrets(account);
    },

    async list(viewer, loaders, args) {
      requireSignedIn(viewer);
      return listDirectory(deps, 'users', args, async (entry) => repaired(entry, await loaders.user.load(entry.id)));
    },
  };
}
