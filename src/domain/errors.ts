/**
 * Every code an API error can carry, in `extensions.code`. The list is closed: clients may switch on it.
 * `docs/PROTOCOL.md` documents each one and a test keeps the two equal.
 */
export const ERROR_CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'CONFLICT',
  'RATE_LIMITED',
  'TOO_LARGE',
  'UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const;

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What an error may tell besides its code. */
export interface ErrorDetails {
  /** The input field at fault; always set for BAD_USER_INPUT. */
  readonly field?: string;
  /** Milliseconds until a retry can succeed; always set for RATE_LIMITED. */
  readonly retryAfterMs?: number;
  /** The error behind it, for the log only; never shown to a client. */
  readonly cause?: unknown;
}

/** A failure that the caller is meant to see: its message and code reach the client unmasked. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.field = details.field;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/**
 * A guard no longer held when the store looked: a role on which permission was judged has changed since.
 * Never reaches a client: services judge again and repeat the call.
 */
export class StaleGuardError extends Error {
  override readonly name = 'StaleGuardError';
}

/** BAD_USER_INPUT naming the field at fault. */
export const badInput = (field: string, message: string): DomainError => new DomainError('BAD_USER_INPUT', message, { field });

/** NOT_FOUND in the one wording used everywhere, so that "hidden" and "absent" cannot be told apart. */
export const notFound = (what: 'room' | 'message' | 'user' | 'member'): DomainError =>
  new DomainError('NOT_FOUND', `There is no such ${what}.`);

/** UNAUTHENTICATED: no session, or one that has ended. */
export const unauthenticated = (): DomainError => new DomainError('UNAUTHENTICATED', 'Sign in first.');

/** RATE_LIMITED, naming how long to wait: at least a millisecond, or the wait would say "now". */
export const rateLimited = (retryAfterMs: number): DomainError =>
  new DomainError('RATE_LIMITED', 'Too often. Try again later.', { retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) });

/** UNAVAILABLE: the store cannot be reached; a write may or may not have happened. */
export const unavailable = (cause?: unknown): DomainError =>
  new DomainError('UNAVAILABLE', 'The store cannot be reached. Try again.', { cause });

/** What one who is no member of a room of that kind is told (null: there is no such room): only a public room may be known of. */
export const notMember = (kind: 'PUBLIC' | 'PRIVATE' | 'DIRECT' | null): DomainError =>
  kind === 'PUBLIC' ? new DomainError('FORBIDDEN', 'Only members of the room may do that.') : notFound('room');
