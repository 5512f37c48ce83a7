import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { corsHeaders, type Provenance, provenanceOf } from './origins.ts';
import { type Peer, peerOf } from './peer.ts';
import { toWire } from './wire-text.ts';

/** One HTTP request and its answer, with what is known about the sender. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly peer: Peer;
  readonly provenance: Provenance;
  /** Headers that any answer to this request carries. */
  readonly headers: Record<string, string | string[]>;
}

/** Whom to believe and to let in. */
export interface ExchangeOptions {
  /** Trusted proxies in front. */
  readonly proxies: number;
  /** Exact origins allowed beside the server's own. */
  readonly origins: readonly string[];
}

/** Looks at a request that has just arrived. */
export function openExchange(request: IncomingMessage, response: ServerResponse, options: ExchangeOptions): Exchange {
  const peer = peerOf(request, options.proxies);
  const provenance = provenanceOf(request, peer, options.origins);
  const headers = Object.assign({ vary: 'origin', 'x-content-type-options': 'nosniff' }, corsHeaders(request, provenance));
  return { request, response, peer, provenance, headers };
}

/** Answers with a body, or without one. */
export function answer(
  { response, headers }: Exchange,
  status: number,
  more: Readonly<Record<string, string | string[]>>,
  body: string | Buffer = '',
): void {
  if (response.closed || response.headersSent) return;
  const all: Record<string, string | string[] | number> = Object.assign(headers, more);
  // A byte in each character: those are counted already, and leave together with the headers.
  const bytes = typeof body === 'string' ? toWire(body) : body;
  // These two have no body, and a length would be taken for that of the answer they stand for.
  if (status !== 204 && status !== 304) all['content-length'] = bytes.length;
  response.writeHead(status, all);
  response.end(bytes, 'latin1');
}

/** Answers a GraphQL request that does not get as far as an operation. */
export function refuse(
  exchange: Exchange,
  status: number,
  error: GraphQLError,
  more: Readonly<Record<string, string>> = {},
): void {
  const accepts = exchange.request.headers.accept ?? '';
  const type = accepts.includes('application/graphql-response+json') ? 'application/graphql-response+json' : 'application/json';
  const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store', ...more };
  answer(exchange, status, headers, JSON.stringify({ errors: [error] }));
}
