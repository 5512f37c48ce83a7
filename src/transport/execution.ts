import { type ExecutionArgs, type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import type { Context, Viewer } from '../context.ts';
import type { Clock } from '../domain/clock.ts';
import { unavailable } from '../domain/errors.ts';
import { createRetry } from '../realtime/retry.ts';
import type { Flow } from '../realtime/subscriber.ts';
import type { Documents, OperationRequest, Prepared, Refused } from './documents.ts';
import { createExecutor } from './executor.ts';
import { asBadInput } from './refusal.ts';
import type { ShareExecution } from './shared-group.ts';
import { createSharing, type Sharing } from './sharing.ts';

/** Results of a subscription. Ended by the reader (`return`), also while a `next` is pending, or by its source. */
export type ResultStream = AsyncIterableIterator<ExecutionResult>;

/** Runs operations the same way for every transport: the one place that decides how. */
export interface Execution {
  /** See {@link Documents.prepare}. */
  prepare(request: OperationRequest, address: string): Prepared | Refused;
  /** Runs a query or mutation. Never throws; errors are masked. */
  execute(prepared: Prepared, caller: Caller): Promise<ExecutionResult>;
  /**
   * Starts a subscription; each event is executed with loaders of its own, again until the store answers: an event is told once, whole. A source that
   * fails gives one last result with the error and ends. Never throws; errors are masked.
   */
  subscribe(prepared: Prepared, caller: Caller): Promise<ExecutionResult | ResultStream>;
  /**
   * Starts a subscription as {@link subscribe} does, but hands its source to `deliver`, where that can be pushed and what it shows is the same for a group
   * of subscribers.
   */
  subscribeShared<Delivery extends object>(
    prepared: Prepared,
    caller: Caller,
    deliver: (source: Flow<unknown>, sharing: Sharing) => Delivery,
  ): Promise<ExecutionResult | ResultStream | Delivery>;
  /** Runs a group's operation on one event, for no viewer in particular, as {@link subscribe} does for one. Never throws; errors are masked. */
  readonly share: ShareExecution;
  /** What a client may see of something thrown. */
  toError(error: unknown): GraphQLError;
  /** Resolves when no query or mutation runs any more. */
  idle(): Promise<void>;
}

/** On whose behalf an operation runs. */
export interface Caller {
  readonly viewer: Viewer | null;
  readonly client: Context['client'];
  /** See `Context.room`. */
  readonly room?: NonNullable<Context['room']>;
}

/** What running operations needs. */
export interface ExecutionDeps {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  /** Makes the context of one operation, or of one event: with new loaders each time. */
  readonly createContext: (caller: Caller) => Context;
  /** What a client may see of an error raised while executing. */
  readonly maskError: (error: GraphQLError) => GraphQLError;
  readonly observe: (kind: string, outcome: 'ok' | 'error' | 'refused', seconds: number) => void;
  readonly clock: Clock;
  /** Whether it is over: then no outage is waited out any more. */
  readonly closing: () => boolean;
}

// How long to wait between tries to tell of an event while the store is away.
const OUTAGE_MS = { first: 100, longest: 2000 };

/** The execution of one schema. */
export function createExecution(deps: ExecutionDeps): Execution {
  const { schema, documents, createContext, maskError, observe, closing } = deps;
  const sharingOf = createSharing(schema);
  const executor = createExecutor(schema);
  const retry = createRetry(deps.clock, OUTAGE_MS);
  let running = 0;
  const waiting: (() => void)[] = [];

  const argsOf = (prepared: Prepared, caller: Caller, rootValue: unknown): ExecutionArgs => ({
    schema,
    document: prepared.document,
    operationName: prepared.operationName,
    variableValues: prepared.variables,
    hideSuggestions: documents.hideSuggestions,
    contextValue: createContext(caller),
    rootValue,
  });

  // What was found before any field ran speaks of the request, not of the server.
  const masked = (result: ExecutionResult): ExecutionResult =>
    result.errors === undefined
      ? result
      : {
          ...result,
          errors: result.errors.map((error) => (isInputFault(error) ? asBadInput('variables', error) : maskError(error))),
        };

  // At once where no resolver waits for anything: a promise would cost more than the execution.
  function run(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
    try {
      const result = executor.execute(args);
      return result instanceof Promise ? result.then(masked, thrown) : masked(result);
    } catch (error) {
      return thrown(error);
    }
  }

  const thrown = (error: unknown): ExecutionResult => ({ errors: [maskError(graphQLErrorOf(error))] });

  // Its reader goes on from this event and never asks for it again: half of it, with errors, would be a loss.
  function tell(
    prepared: Prepared,
    caller: Caller,
    event: unknown,
    over: () => boolean,
  ): ExecutionResult | Promise<ExecutionResult> {
    const result = run(argsOf(prepared, caller, event));
    if (result instanceof Promise)
      return result.then((made) => (isOutage(made) ? tellAgain(prepared, caller, event, over) : made));
    return isOutage(result) ? tellAgain(prepared, caller, event, over) : result;
  }

  async function tellAgain(prepared: Prepared, caller: Caller, event: unknown, over: () => boolean): Promise<ExecutionResult> {
    let result: ExecutionResult = {};
    const attempt = async () => {
      result = await run(argsOf(prepared, caller, event));
      if (isOutage(result)) throw unavailable();
    };
    await retry(attempt, () => closing() || over()).catch(() => {});
    return result;
  }

  function note(kind: string, start: number, result: object): void {
    observe(kind, 'errors' in result && result.errors ? 'error' : 'ok', (performance.now() - start) / 1000);
  }

  function executed(kind: string, start: number, result: ExecutionResult): ExecutionResult {
    note(kind, start, result);
    running -= 1;
    if (running === 0) for (const done of waiting.splice(0)) done();
    return result;
  }

  async function open<Delivery extends object>(
    prepared: Prepared,
    caller: Caller,
    deliver: ((source: Flow<unknown>, sharing: Sharing) => Delivery) | null,
  ): Promise<ExecutionResult | ResultStream | Delivery> {
    const start = performance.now();
    const opened = await openSource(prepared, caller, deliver);
    note('subscription', start, opened);
    return opened;
  }

  async function openSource<Delivery extends object>(
    prepared: Prepared,
    caller: Caller,
    deliver: ((source: Flow<unknown>, sharing: Sharing) => Delivery) | null,
  ): Promise<ExecutionResult | ResultStream | Delivery> {
    try {
      const opened = await executor.open(argsOf(prepared, caller, undefined));
      if (!('source' in opened)) return masked(opened);
      const { source } = opened;
      const sharing = deliver && isFlow(source) ? sharingOf(prepared, opened.variables) : null;
      if (deliver && sharing && isFlow(source)) return deliver(source, sharing);
      const toResult = async (event: unknown, over: () => boolean) => tell(prepared, caller, event, over);
      return resultStream(source[Symbol.asyncIterator](), toResult, (error) => maskError(graphQLErrorOf(error)));
    } catch (error) {
      return { errors: [maskError(graphQLErrorOf(error))] };
    }
  }

  return {
    prepare(request, address) {
      const prepared = documents.prepare(request, address);
      if ('errors' in prepared) observe('unknown', 'refused', 0);
      return prepared;
    },
    // Not async: each function of that kind on the way of a message is one promise more, and it is noticed.
    execute(prepared, caller) {
      const start = performance.now();
      running += 1;
      const done = (result: ExecutionResult) => executed(prepared.kind, start, masked(result));
      const failed = (error: unknown) => executed(prepared.kind, start, thrown(error));
      try {
        const result = executor.execute(argsOf(prepared, caller, undefined));
        return result instanceof Promise ? result.then(done, failed) : Promise.resolve(done(result));
      } catch (error) {
        return Promise.resolve(failed(error));
      }
    },
    subscribe: (prepared, caller) => open<never>(prepared, caller, null),
    subscribeShared: open,
    share: (prepared, { roomId }, event, readBeside) =>
      tell(prepared, { viewer: null, client: NOBODY, room: { id: roomId, readBeside } }, event, () => false),
    toError: (error) => maskError(graphQLErrorOf(error)),
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}

const isOutage = ({ errors }: ExecutionResult): boolean =>
  errors?.some(({ extensions }) => extensions.code === 'UNAVAILABLE') ?? false;

/** Whatever a resolver throws is given the path of its field; a fault of the variables has none. */
const isInputFault = (error: GraphQLError): boolean => error.path === undefined;

const graphQLErrorOf = (error: unknown): GraphQLError =>
  error instanceof GraphQLError
    ? error
    : new GraphQLError('Failed.', { originalError: error instanceof Error ? error : new Error(String(error)) });

const NOBODY: Caller['client'] = { address: '', closeSlow() {} };

const isFlow = (source: AsyncIterable<unknown>): source is Flow<unknown> => 'flow' in source;

const DONE = { done: true, value: undefined } as const;

// Not an async generator: its return() would wait for a next() that an idle room never answers.
function resultStream(
  source: AsyncIterator<unknown>,
  toResult: (event: unknown, over: () => boolean) => Promise<ExecutionResult>,
  toError: (error: unknown) => GraphQLError,
): ResultStream {
  let ended = false;
  return {
    async next() {
      if (ended) return DONE;
      try {
        const step = await source.next();
        if (ended) return DONE;
        if (step.done) {
          ended = true;
          return DONE;
        }
        const value = await toResult(step.value, () => ended);
        // One that ended meanwhile (signed out, removed from a socket) gets nothing more.
        return ended ? DONE : { done: false, value };
      } catch (error) {
        if (ended) return DONE;
        ended = true;
        return { done: false, value: { errors: [toError(error)] } };
      }
    },
    async return() {
      ended = true;
      await source.return?.();
      return DONE;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
