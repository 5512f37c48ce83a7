import { DomainError } from '../domain/errors.ts';
import { foldUsername, parseLine, parsePassword, parseUsername } from '../domain/text.ts';
import type { Account, User } from '../domain/user.ts';
import { createAccount, fileUser, withoutSecrets } from './accounts.ts';
import type { Deps } from './deps.ts';
import type { KnownUsers } from './known-users.ts';
import { type MaybePrincipal, type Principal, requireSignedIn } from './principal.ts';
import { spend } from './rates.ts';
import { hashToken, newSessionId, newToken, tokenUser } from './tokens.ts';

/** The longest display name in code points. */
export const DISPLAY_NAME_MAX = 80;

/** Who asks to sign up or in: where from, and as whom already, if anyone. */
export interface Caller {
  readonly address: string;
  readonly viewer: MaybePrincipal;
}

/** A session just opened. */
export interface SignedIn {
  /** The token, told this once. */
  readonly token: string;
  /** ms since 1970, store's clock. */
  readonly expiresAt: number;
  readonly user: User;
}

/** A principal with the end of its session. */
export interface Authenticated extends Principal {
  /** ms since 1970, store's clock. */
  readonly expiresAt: number;
  /** ms the session had left when the store answered; arm timers with this. */
  readonly remainingMs: number;
  /** The user's version when the session was read: see `FoundSession`. */
  readonly version: number;
}

/** Accounts and sessions. */
export interface Auth {
  /**
   * Makes an account, lets it into the default room and opens a session. Throws BAD_USER_INPUT naming the field, CONFLICT (the name is taken, in
   * whatever case), RATE_LIMITED per address or where too many passwords wait to be hashed.
   */
  signUp(
    caller: Caller,
    input: { readonly username: string; readonly password: string; readonly displayName?: string | null | undefined },
  ): Promise<SignedIn>;
  /**
   * Opens a session of an existing account; never makes one. Whatever is wrong, the answer is one and the same UNAUTHENTICATED, after the same work.
   * RATE_LIMITED per account, per address, and where too many wait to be hashed. One who is signed in to that account already
   * has an allowance of their own, so guessing at an account does not lock its owner out.
   */
  signIn(caller: Caller, input: { readonly username: string; readonly password: string }): Promise<SignedIn>;
  /** Ends the viewer's session everywhere. Returns whether it was still live. */
  signOut(viewer: MaybePrincipal): Promise<boolean>;
  /** Whose token that is, in one round trip; null for a token that is malformed, unknown, expired or revoked, which look the same. */
  authenticate(token: string): Promise<Authenticated | null>;
}

const wrongCredentials = (): DomainError => new DomainError('UNAUTHENTICATED', 'Wrong username or password.');

/**
 * @param deps store, settings and hasher
 * @param knownUsers whose names need not be read again
 */
export function createAuth(deps: Deps, knownUsers: KnownUsers): Auth {
  const { store, config, hasher, log } = deps;

  async function openSession(user: User): Promise<SignedIn> {
    const token = newToken(user.id);
    const session = await store.sessions.create({
      id: newSessionId(),
      tokenHash: hashToken(token),
      userId: user.id,
      ttlMs: config.limits.sessionMs,
      limit: config.limits.sessionsPerUser,
    });
    return { token, expiresAt: session.expiresAt, user };
  }

  async function spendSignIn({ address, viewer }: Caller, name: string): Promise<void> {
    const known = viewer !== null && foldUsername(viewer.username) === name;
    await Promise.all([
      spend(store.rates, known ? `sign-in:session:${viewer.sessionId}` : `sign-in:account:${name}`, config.rates.signInAccount),
      spend(store.rates, `sign-in:address:${address}`, config.rates.signInAddress),
    ]);
  }

  async function accountWith(username: string, password: string): Promise<Account | null> {
    const [account = null] = await store.accounts.byUsername([username]);
    const matches = await hasher.verify(account?.passwordHash ?? null, password);
    return matches ? account : null;
  }

  async function renewHash(account: Account, password: string): Promise<void> {
    if (!hasher.isOutdated(account.passwordHash)) return;
    try {
      await store.accounts.setPasswordHash(account.id, await hasher.hash(password));
    } catch (error) {
      // The old hash still signs in; the next sign-in tries again.
      log.warn({ err: error, userId: account.id }, 'password hash not renewed');
    }
  }

  return {
    async signUp({ address }, input) {
      const username = parseUsername('input.username', input.username);
      const password = parsePassword('input.password', input.password);
      const displayName = parseLine('input.displayName', input.displayName ?? username, 1, DISPLAY_NAME_MAX);
      await spend(store.rates, `sign-up:address:${address}`, config.rates.signUpAddress);
      const [taken] = await store.accounts.byUsername([username]);
      // The store decides for good; asking first only saves the hash.
      if (taken) throw new DomainError('CONFLICT', 'That username is taken.', { field: 'input.username' });
      return openSession(await createAccount(deps, { username, password, displayName }));
    },

    async signIn(caller, input) {
      await spendSignIn(caller, foldUsername(input.username));
      if (!isPossible(input)) throw wrongCredentials();
      const account = await accountWith(input.username, input.password);
      if (account === null) throw wrongCredentials();
      const user = withoutSecrets(account);
      // Filing again heals a sign-up that broke off before it filed the user.
      const [signedIn] = await Promise.all([openSession(user), fileUser(deps, user), renewHash(account, input.password)]);
      return signedIn;
    },

    signOut(viewer) {
      const { userId, tokenHash } = requireSignedIn(viewer);
      return store.sessions.revoke(userId, tokenHash);
    },

    async authenticate(token) {
      const userId = tokenUser(token);
      if (userId === null) return null;
      const tokenHash = hashToken(token);
      const session = await store.sessions.find(userId, tokenHash);
      if (!session?.user) return null;
      const { id: sessionId, expiresAt, remainingMs, version, user } = session;
      knownUsers.remember(user);
      const { username, displayName } = user;
      return { userId, username, displayName, sessionId, tokenHash, expiresAt, remainingMs, version };
    },
  };
}

/** Whether any account could have that name and password. Says nothing of which accounts there are, so it may answer at once. */
function isPossible({ username, password }: { readonly username: string; readonly password: string }): boolean {
  try {
    parseUsername('input.username', username);
    parsePassword('input.password', password);
    return true;
  } catch {
    return false;
  }
}
