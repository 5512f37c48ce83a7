import type { IncomingMessage } from 'node:http';
import type { Peer } from './peer.ts';

/**
 * Where a request comes from: a page of this server or of a listed origin (`trusted`), a page of anyone else (`foreign`), or
 * no page at all, as far as the headers tell (`none`). Browsers do not let a page choose these headers.
 */
export type Provenance = 'trusted' | 'foreign' | 'none';

/** Judges by exact comparison with the server's own origin and the list. */
export function provenanceOf(request: IncomingMessage, peer: Peer, allowed: readonly string[]): Provenance {
  const { origin } = request.headers;
  if (origin === undefined) return request.headers['sec-fetch-site'] === 'same-origin' ? 'trusted' : 'none';
  return origin === peer.origin || allowed.includes(origin) ? 'trusted' : 'foreign';
}

/** What lets pages of a listed origin read answers. Others get nothing, so that their browser keeps the answer from them. */
export function corsHeaders(request: IncomingMessage, provenance: Provenance): Record<string, string> {
  const { origin } = request.headers;
  if (origin === undefined || provenance !== 'trusted') return {};
  return { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' };
}

/** What a listed origin may send to `/graphql`. */
export const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'content-type, authorization, accept, parley-web-session',
  'access-control-max-age': '600',
} as const;
