import type { CombinedError } from 'urql';
import { t } from './i18n/text.ts';

/** Close code of a WebSocket whose session has ended. */
const REVOKED = 4401;

/** The API's code of an error (see docs/PROTOCOL.md), or null where the server did not answer. */
export function codeOf(error: CombinedError): string | null {
  const code = error.graphQLErrors[0]?.extensions.code;
  return typeof code === 'string' ? code : null;
}

/** How long the server asks to wait before the next try, in ms; 0 where it does not say. */
export function retryAfterOf(error: CombinedError): number {
  const wait = error.graphQLErrors[0]?.extensions.retryAfterMs;
  return typeof wait === 'number' ? wait : 0;
}

/** Whether the same operation may well succeed later: the server was out of reach, or asked to wait. */
export function isPassing(error: CombinedError): boolean {
  const code = codeOf(error);
  return code === null ? error.networkError !== undefined : code === 'UNAVAILABLE' || code === 'RATE_LIMITED';
}

/** Whether it says that nobody is signed in (any more). */
export function isSignedOut(error: CombinedError): boolean {
  const { networkError } = error;
  if (networkError && 'code' in networkError && networkError.code === REVOKED) return true;
  return codeOf(error) === 'UNAUTHENTICATED';
}

/** The error in words for the person at the screen. */
export function textOf(error: CombinedError): string {
  const code = codeOf(error);
  switch (code) {
    case null:
      return t('error.network');
    case 'FORBIDDEN':
    case 'NOT_FOUND':
    case 'RATE_LIMITED':
    case 'TOO_LARGE':
    case 'UNAVAILABLE':
    case 'INTERNAL_SERVER_ERROR':
      return t(`error.${code}`);
    default:
      return t('error.other', { text: error.graphQLErrors[0]?.message ?? error.message });
  }
}
