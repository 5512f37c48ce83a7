import type { ExecutionResult } from 'graphql';
import type { Viewer } from '../context.ts';
import type { Counts } from './counts.ts';
import type { Prepared } from './documents.ts';
import { type EventStream, streamResults } from './event-stream.ts';
import type { Exchange } from './exchange.ts';
import type { Caller, Execution } from './execution.ts';
import type { LiveSession, LiveSessions } from './live-session.ts';
import type { Pulse } from './pulse.ts';
import { refusal } from './refusal.ts';

/** Subscriptions over HTTP, each a stream of events with the rules and limits of a WebSocket. */
export interface Streams {
  /** Starts one and takes the response over (null), or says why not. */
  start(exchange: Exchange, prepared: Prepared, caller: Caller, token: string | null): Promise<ExecutionResult | null>;
  /** How many are open. */
  readonly size: number;
  /** Cuts all: clients come back. */
  close(): void;
}

/** What that needs. */
export interface StreamsDeps {
  readonly execution: Execution;
  readonly sessions: LiveSessions;
  /** Connections by address, WebSockets included. */
  readonly addresses: Counts;
  readonly pulse: Pulse;
  readonly pingMs: number;
  readonly onRefused: (reason: string) => void;
}

const signedOut: ExecutionResult = { errors: [refusal('UNAUTHENTICATED', 'The session has ended. Sign in again.')] };
const crowded: ExecutionResult = {
  errors: [refusal('RATE_LIMITED', 'Too many connections are open.', { retryAfterMs: 5000 })],
};

/** The streams of one process. */
export function createStreams(deps: StreamsDeps): Streams {
  const { execution, sessions, addresses, pulse, pingMs, onRefused } = deps;
  const open = new Set<EventStream>();

  function refused(reason: string, result: ExecutionResult): ExecutionResult {
    onRefused(reason);
    return result;
  }

  /** Pings it and ends it in time; returns the end of that. */
  function attend(stream: EventStream, viewer: (Viewer & { remainingMs: number }) | null): () => void {
    let pinged: number | null = null;
    let expires: number | null = null;
    return pulse.join((now) => {
      pinged ??= now;
      expires ??= now + (viewer?.remainingMs ?? Number.POSITIVE_INFINITY);
      if (now >= expires) return stream.finish(signedOut);
      if (now - pinged < pingMs) return;
      pinged = now;
      stream.ping();
    });
  }

  async function run(exchange: Exchange, prepared: Prepared, caller: Caller, live: Live, ends: (() => void)[]) {
    const results = await execution.subscribe(prepared, { ...caller, viewer: live.session?.viewer ?? null });
    if (!(Symbol.asyncIterator in results)) return results;
    const { headers, response } = exchange;
    if (response.closed) {
      void results.return?.();
      return signedOut;
    }
    const stream = streamResults(response, headers, results, () => {
      open.delete(stream);
      for (const end of ends.splice(0)) end();
    });
    live.stream = stream;
    open.add(stream);
    ends.push(attend(stream, live.session?.viewer ?? null));
    if (live.revoked) stream.finish(signedOut);
    return null;
  }

  return {
    async start(exchange, prepared, caller, token) {
      const giveBack = addresses.take(exchange.peer.address);
      if (giveBack === null) return refused('address', crowded);
      const ends = [giveBack];
      const live: Live = { session: null, stream: null, revoked: false };
      const onRevoked = () => {
        live.revoked = true;
        live.stream?.finish(signedOut);
      };
      let result: ExecutionResult | null = signedOut;
      try {
        const session = token === null ? null : await sessions.open(token, onRevoked);
        if (session === 'crowded') result = refused('user', crowded);
        else if (session !== 'invalid') {
          if (session !== null) ends.push(() => session.close());
          live.session = session;
          result = await run(exchange, prepared, caller, live, ends);
        }
      } finally {
        if (result !== null) for (const end of ends.splice(0)) end();
      }
      return result;
    },
    get size() {
      return open.size;
    },
    close() {
      for (const stream of [...open]) stream.cut();
    },
  };
}

interface Live {
  session: LiveSession | null;
  stream: EventStream | null;
  revoked: boolean;
}
