/**
 * The WebSocket close codes of ours, beside those of graphql-transport-ws. Their number decides whether the reference client comes
 * back: it stays away after REVOKED and BAD_MESSAGE, and after the others it tries again.
 */
export const CLOSE = {
  /** The process restarts. */
  restart: { code: 1012, reason: 'Restarting' },
  /** Too many sockets at once, or the store cannot be asked who this is. */
  overload: { code: 1013, reason: 'Try again later' },
  badMessage: { code: 4400, reason: 'Invalid message received' },
  revoked: { code: 4401, reason: 'Session ended' },
  expired: { code: 4403, reason: 'Session expired' },
  slow: { code: 4410, reason: 'Reading too slowly' },
  fault: { code: 4500, reason: 'Internal server error' },
} as const;

/** Those of graphql-transport-ws that say what a client does wrong. */
export const PROTOCOL_CLOSE = {
  tooEarly: { code: 4401, reason: 'Unauthorized' },
  otherProtocol: { code: 4406, reason: 'Subprotocol not acceptable' },
  silent: { code: 4408, reason: 'Connection initialisation timeout' },
  idInUse: { code: 4409, reason: 'Subscriber for that id already exists' },
  secondInit: { code: 4429, reason: 'Too many initialisation requests' },
} as const;

/** What a socket is closed with: one of {@link CLOSE} or {@link PROTOCOL_CLOSE}. */
export interface Close {
  readonly code: number;
  readonly reason: string;
}
