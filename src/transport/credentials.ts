import type { IncomingMessage } from 'node:http';
import type { Provenance } from './origins.ts';
import type { Peer } from './peer.ts';

/** A token and the way it came. */
export interface Credentials {
  readonly token: string;
  /** A cookie goes along by itself, so a stale one means "signed out"; a token was put there on purpose, so a stale one is an error. */
  readonly from: 'header' | 'cookie';
}

/**
 * The token of a request: `Authorization: Bearer`, else the web session's cookie where a page we trust sent it. Null where there is none.
 * Tokens in URLs are never looked at: they end up in logs.
 */
export function credentialsOf(request: IncomingMessage, peer: Peer, provenance: Provenance): Credentials | null {
  const { authorization } = request.headers;
  if (authorization !== undefined && !OF_THE_PROXY.test(authorization)) return { token: bearerOf(authorization), from: 'header' };
  const token = provenance === 'trusted' ? cookieOf(request, cookieName(peer)) : null;
  return token === null ? null : { token, from: 'cookie' };
}

/** The token in `connectionParams.authorization`, with or without "Bearer"; null where there is none. */
export function connectionToken(params: Readonly<Record<string, unknown>> | undefined): string | null {
  const key = Object.keys(params ?? {}).find((name) => name.toLowerCase() === 'authorization');
  const value = key === undefined ? undefined : params?.[key];
  return typeof value === 'string' && value !== '' ? bearerOf(value) : null;
}

/** The token of the web session's cookie, or null. */
export const cookieToken = (request: IncomingMessage, peer: Peer): string | null => cookieOf(request, cookieName(peer));

/** Whether the request asks that signing in also sets the web session's cookie. */
export const wantsWebSession = (request: IncomingMessage): boolean => request.headers['parley-web-session'] === '1';

/** The Set-Cookie header that opens a web session until `expiresAt` (ms since 1970), or ends it (null). */
export function webSessionCookie(peer: Peer, session: { readonly token: string; readonly expiresAt: number } | null): string {
  const value = session === null ? '' : session.token;
  const end = session === null ? 'Max-Age=0' : `Expires=${new Date(session.expiresAt).toUTCString()}`;
  return `${cookieName(peer)}=${value}; Path=/; HttpOnly; SameSite=Strict; ${end}${peer.https ? '; Secure' : ''}`;
}

// Over https only the prefixed name counts: browsers take it from this very host over https only, so nobody else can plant one.
const cookieName = (peer: Peer): string => (peer.https ? '__Host-parley' : 'parley');

// A proxy with a password of its own leaves its header in place; it says nothing to us.
const OF_THE_PROXY = /^(basic|digest|negotiate) /i;

const bearerOf = (text: string): string => text.replace(/^Bearer +/i, '').trim();

function cookieOf(request: IncomingMessage, name: string): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key = '', ...value] = pair.trim().split('=');
    if (key === name) return value.join('=') || null;
  }
  return null;
}
