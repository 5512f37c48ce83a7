import { unauthenticated } from '../domain/errors.ts';

/** The signed-in user on whose behalf something is done. */
export interface Principal {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  /** Public handle of the session. */
  readonly sessionId: string;
  /** SHA-256 of the session's token, hex: what sign-out ends. */
  readonly tokenHash: string;
}

/** The viewer of an operation; null when signed out. */
export type MaybePrincipal = Principal | null;

/** The viewer, or UNAUTHENTICATED. */
export function requireSignedIn(viewer: MaybePrincipal): Principal {
  if (viewer === null) throw unauthenticated();
  return viewer;
}
