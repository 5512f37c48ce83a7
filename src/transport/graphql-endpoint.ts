import { GraphQLError } from 'graphql';
import type { Context } from '../context.ts';
import type { Log } from '../telemetry/log.ts';
import { isJson, readBody } from './body.ts';
import { cookieToken, credentialsOf, wantsWebSession, webSessionCookie } from './credentials.ts';
import { answer, type Exchange, refuse } from './exchange.ts';
import type { Caller } from './execution.ts';
import type { GraphQLHandler } from './graphql-handler.ts';
import type { Authenticate } from './live-session.ts';
import { PREFLIGHT_HEADERS } from './origins.ts';
import { refusal } from './refusal.ts';
import type { Streams } from './streams.ts';

/** Serves GraphQL over HTTP. */
export type GraphQLEndpoint = (exchange: Exchange) => Promise<void>;

/** What the endpoint needs. */
export interface GraphQLEndpointDeps {
  readonly handler: GraphQLHandler;
  readonly streams: Streams;
  readonly authenticate: Authenticate;
  readonly log: Log;
  readonly bodyBytes: number;
}

/** Only JSON by POST: what forms and foreign pages can send without asking never gets as far as an operation. */
export function createGraphQLEndpoint(deps: GraphQLEndpointDeps): GraphQLEndpoint {
  const { handler, streams, log, bodyBytes } = deps;
  const authenticate = oncePerTurn(deps.authenticate);

  async function serve(exchange: Exchange): Promise<void> {
    const { request, peer, provenance } = exchange;
    const credentials = credentialsOf(request, peer, provenance);
    const body = await readBody(request, bodyBytes);
    const viewer = credentials === null ? null : await authenticate(credentials.token);
    if (viewer === null && credentials?.from === 'header') {
      return refuse(exchange, 401, refusal('UNAUTHENTICATED', 'The session has ended. Sign in again.'), {
        'www-authenticate': 'Bearer',
      });
    }
    const caller: Caller = { viewer, client: clientOf(exchange) };
    const done = await handler({
      accept: request.headers.accept ?? '',
      body,
      caller,
      stream: (prepared) => streams.start(exchange, prepared, caller, viewer === null ? null : (credentials?.token ?? null)),
    });
    if (done !== null) answer(exchange, done.status, done.headers, done.body);
  }

  return async (exchange) => {
    const { request, response, headers } = exchange;
    if (request.method === 'OPTIONS') return preflight(exchange);
    const refused = inadmissible(exchange);
    if (refused !== null) return refuse(exchange, refused.status, refused.error, refused.headers);
    headers['cache-control'] = 'no-store';
    try {
      await serve(exchange);
    } catch (error) {
      if (response.closed) return;
      const { status, shown } = describe(error);
      if (status === 500) log.error({ err: error }, 'request failed');
      refuse(exchange, status, shown);
    }
  };
}

/**
 * Requests that are read in one turn of the loop with the same token have their session looked up once: all of them had arrived before the turn began, and
 * so before the first of them asked.
 */
function oncePerTurn(authenticate: Authenticate): Authenticate {
  const asked = new Map<string, ReturnType<Authenticate>>();
  const forget = () => asked.clear();
  return (token) => {
    const before = asked.get(token);
    if (before) return before;
    if (asked.size === 0) setImmediate(forget);
    const answer = authenticate(token);
    asked.set(token, answer);
    return answer;
  };
}

function preflight(exchange: Exchange): void {
  const allowed = exchange.provenance === 'trusted';
  answer(exchange, allowed ? 204 : 403, allowed ? { ...PREFLIGHT_HEADERS } : {});
}

interface Inadmissible {
  readonly status: number;
  readonly error: GraphQLError;
  readonly headers?: Record<string, string>;
}

function inadmissible({ request, peer, provenance }: Exchange): Inadmissible | null {
  if (request.method !== 'POST') {
    return { status: 405, error: refusal('BAD_USER_INPUT', 'Send GraphQL by POST.'), headers: { allow: 'POST' } };
  }
  if (!isJson(request)) {
    return { status: 415, error: refusal('BAD_USER_INPUT', 'Send JSON in UTF-8 (content-type: application/json).') };
  }
  if (provenance === 'foreign' && cookieToken(request, peer) !== null) {
    return { status: 403, error: refusal('FORBIDDEN', 'Pages of this origin may not use the web session.') };
  }
  return null;
}

function clientOf({ request, response, peer, provenance, headers }: Exchange): Context['client'] {
  const client = { address: peer.address, closeSlow: () => void response.destroy() };
  if (provenance !== 'trusted' || !(wantsWebSession(request) || cookieToken(request, peer) !== null)) return client;
  const setWebSession = (token: string | null, expiresAt: number) => {
    // Signing out always clears the cookie; signing in sets it only where that was asked for.
    if (token !== null && !wantsWebSession(request)) return;
    headers['set-cookie'] = [webSessionCookie(peer, token === null ? null : { token, expiresAt })];
  };
  return { ...client, setWebSession };
}

function describe(error: unknown): { readonly status: number; readonly shown: GraphQLError } {
  const code =
    error instanceof GraphQLError ? error.extensions.code : error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (error instanceof GraphQLError) return { status: code === 'TOO_LARGE' ? 413 : 400, shown: error };
  if (code === 'UNAVAILABLE') return { status: 503, shown: refusal('UNAVAILABLE', 'The store cannot be reached. Try again.') };
  return { status: 500, shown: refusal('INTERNAL_SERVER_ERROR', 'Something went wrong.') };
}
