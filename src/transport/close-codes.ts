/**
 * The WebSocket close codes of ours, beside those of graphql-transport-ws. Their number decides whether the reference client comes
 * back: it stays away after REVOKED and BAD_MESSAGE, and after the others it tries again.
 */
export const CLOSE = {
  /** The process restarts. */
  restart: { code: 1012, reason: 'Restarting' },
  /** Too many sockets, or the store cannot be asked who this is. */
  overload: { code: 1013, reason: 'Try again later' },
  badMessage: { code: 4400, reason: 'Invalid message received' },
  revoked: { code: 4401, reason: 'Session ended' },
  expired: { code: 4403, reason: 'Session expired' },
  slow: { code: 4410, reason: 'Reading too slowly' },
  fault: { code: 4500, reason: 'Internal server error' },
} as const;

/** What a socket is closed with: one of {@link CLOSE}, or one of the protocol's own. */
export interface Close {
  readonly code: number;
  readonly reason: string;
}
