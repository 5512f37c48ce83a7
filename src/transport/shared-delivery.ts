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
  let queue: Rendering[] = [];
  let queueAt = 0;
  let judging = false;
  let ended = false;
  // Said once, last; the first reason counts.
  let failure: GraphQLError | null = null;
  let last: (() => void) | null = null;
  let held = false;
  let told = false;

  const unmade = () => queue.length - queueAt;

  function show(rendering: Rendering): void {
    output.text(`${before}${rendering.payload}}`);
  }

  // Those that are made leave in order; one that is not holds back the rest.
  function drain(): void {
    while (!judging && queueAt < queue.length) {
      const next = queue[queueAt] as Rendering;
      if (next.payload === null) return;
      if (next.readBeside) return void judge(next);
      queueAt += 1;
      show(next);
    }
    if (queueAt === queue.length && queueAt > 0) {
      queue = [];
      queueAt = 0;
    }
    if (held && unmade() === 0) release();
    if (ended && unmade() === 0) last?.();
  }

  // It may show what came after the event, so it is for those only who are members now.
  async function judge(rendering: Rendering): Promise<void> {
    judging = true;
    try {
      if (!(await stillMember())) return fail(subscription.forbidden());
      queueAt += 1;
      show(rendering);
    } catch (error) {
      return fail(subscription.toError(error));
    } finally {
      judging = false;
    }
    drain();
  }

  function fail(error: GraphQLError): void {
    queue = [];
    queueAt = 0;
    failure ??= error;
    void source.return?.();
    finish();
  }

  function finish(): void {
    ended = true;
    if (unmade() === 0) last?.();
  }

  function release(): void {
    held = false;
    if (output.full) {
      held = true;
      output.whenRoom(release);
    } else resume();
  }

  const resume = source.flow({
    item(event) {
      const rendering = renderings.of(prepared, sharing, event as object);
      queue.push(rendering);
      if (rendering.payload !== null && unmade() === 1) drain();
      else rendering.whenDone(drain);
      held = unmade() >= UNMADE_MAX || output.full;
      if (held && unmade() === 0) output.whenRoom(release);
      return !held;
    },
    end(error) {
      if (error) failure ??= subscription.toError(error);
      finish();
    },
  });

  const done = new Promise<void>((resolve) => {
    last = resolve;
    if (ended && unmade() === 0) resolve();
  });

  return {
    async next() {
      await done;
      if (failure === null || told) return { done: true, value: undefined };
      told = true;
      return { done: false, value: { errors: [failure] } };
    },
    async return() {
      queue = [];
      queueAt = 0;
      await source.return?.();
      finish();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
