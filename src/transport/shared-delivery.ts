import type { GraphQLError } from 'graphql';
import type { Flow } from '../realtime/subscriber.ts';
import type { Prepared } from './documents.ts';
import type { ResultStream } from './execution.ts';
import { type Rendering, type Renderings, toWire } from './renderings.ts';
import type { Sharing } from './sharing.ts';
import type { SocketOutput } from './socket-output.ts';

/** One subscription whose results are shared with others. */
export interface SharedSubscription {
  readonly source: Flow<unknown>;
  readonly prepared: Prepared;
  readonly sharing: Sharing;
  /** The client's id of the operation. */
  readonly operationId: string;
  readonly output: SocketOutput;
  /** Whether the reader is a member of the room, asked after the fact; rejects where that cannot be known. */
  readonly stillMember: () => Promise<boolean>;
  readonly toError: (error: unknown) => GraphQLError;
  readonly forbidden: () => GraphQLError;
}

// Results of one subscription that may wait to be made: beyond, the source holds them back and counts them.
const UNMADE_MAX = 64;

/**
 * Sends a shared subscription's results past graphql-ws: the frame is the operation's id around bytes made once for all. To graphql-ws it looks like a
 * stream that stays silent until its end, so opening, completing and closing stay with it.
 */
export function deliverShared(subscription: SharedSubscription, renderings: Renderings): ResultStream {
  const { source, prepared, sharing, output, stillMember } = subscription;
  const before = toWire(`{"id":${JSON.stringify(subscription.operationId)},"type":"next","payload":`);
  // Those not shown yet, the first at `at`.
  const queue: Rendering[] = [];
  let at = 0;
  let judging = false;
  let held = false;
  let ended = false;
  // Said once, last; the first reason counts.
  let failure: GraphQLError | null = null;
  let told = false;
  let last: (() => void) | null = null;

  const waiting = () => queue.length - at;

  function clear(): void {
    queue.length = 0;
    at = 0;
  }

  function show({ payload }: Rendering): void {
    output.text(`${before}${payload}}`);
  }

  // Those that are made leave in order; one that is not holds back the rest.
  function drain(): void {
    while (!judging && at < queue.length) {
      const next = queue[at] as Rendering;
      if (next.payload === null) return;
      if (next.readBeside) return void judge(next);
      at += 1;
      show(next);
    }
    if (judging) return;
    clear();
    if (held) release();
    if (ended) last?.();
  }

  // It may show what came after the event, so it is for those only who are members now.
  async function judge(rendering: Rendering): Promise<void> {
    judging = true;
    const refused = await stillMember().then(
      (member) => (member ? null : subscription.forbidden()),
      (error: unknown) => subscription.toError(error),
    );
    judging = false;
    // Ended meanwhile by the reader.
    if (queue[at] !== rendering) return;
    if (refused) return fail(refused);
    at += 1;
    show(rendering);
    drain();
  }

  function fail(error: GraphQLError): void {
    clear();
    failure ??= error;
    void source.return?.();
    finish();
  }

  function finish(): void {
    ended = true;
    if (waiting() === 0) last?.();
  }

  function release(): void {
    held = output.full;
    if (held) output.whenRoom(release);
    else resume();
  }

  function add(rendering: Rendering): void {
    if (rendering.payload !== null && !rendering.readBeside && waiting() === 0) return show(rendering);
    queue.push(rendering);
    rendering.whenDone(drain);
  }

  const resume = source.flow({
    item(event) {
      add(renderings.of(prepared, sharing, event as object));
      if (waiting() < UNMADE_MAX && !output.full) return true;
      held = true;
      if (waiting() === 0) output.whenRoom(release);
      return false;
    },
    end(error) {
      if (error) failure ??= subscription.toError(error);
      finish();
    },
  });

  const done = new Promise<void>((resolve) => {
    last = resolve;
    if (ended && waiting() === 0) resolve();
  });

  return {
    async next() {
      await done;
      if (failure === null || told) return { done: true, value: undefined };
      told = true;
      return { done: false, value: { errors: [failure] } };
    },
    async return() {
      clear();
      await source.return?.();
      finish();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
