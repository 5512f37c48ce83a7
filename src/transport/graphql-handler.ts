import { type ExecutionResult, GraphQLError } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import type { Prepared } from './documents.ts';
import type { Caller, Execution } from './execution.ts';
import { createLru } from './lru.ts';
import { type PlainParams, plainParams } from './plain-params.ts';

/** An answer ready to be written. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One GraphQL request over HTTP, admitted and read. */
export interface GraphQLRequest {
  readonly accept: string;
  readonly body: string;
  readonly caller: Caller;
  /** Starts the subscription as a stream of events: null once that has the response, else why not. */
  readonly stream: (prepared: Prepared) => Promise<ExecutionResult | null>;
}

/** Answers a request; null where a stream of events has taken the response over. Throws what keeps an operation from being run at all. */
export type GraphQLHandler = (request: GraphQLRequest) => Promise<HttpAnswer | null>;

/** Yoga hands copies of this around, so what changes lies one level down. */
interface ServerContext {
  readonly asked: GraphQLRequest;
  readonly outcome: { streamed: boolean; fault?: unknown };
  /** What came of the operation, where it has been run already and only its answer is asked for. */
  readonly result: ExecutionResult | null;
}

const URL = 'http://parley/graphql';

// Clients have a handful of Accept headers between them.
const ACCEPTS = { count: 100, weight: 10_000 };
const PLAIN_TYPES = /^application\/(graphql-response\+)?json; charset=utf-8$/;

/**
 * GraphQL over HTTP as its specification says: media types, parameters and status codes are Yoga's business; documents, limits and execution
 * are the same as on a WebSocket. What is asked in the plainest way and succeeds is answered past Yoga, which otherwise costs more than all the rest: as it
 * has answered before where the same was accepted.
 */
export function createGraphQLHandler(execution: Execution): GraphQLHandler {
  const typeOf = createLru<string>(ACCEPTS);

  async function run(
    params: GraphQLParams | PlainParams,
    { asked, outcome }: Pick<ServerContext, 'asked' | 'outcome'>,
  ): Promise<ExecutionResult> {
    if (!isName(params.operationName)) return { errors: [badRequest('The parameter "operationName" must be a string.')] };
    const { query = '', operationName, variables } = params;
    const prepared = execution.prepare({ query, operationName, variables }, asked.caller.client.address);
    if ('errors' in prepared) return prepared;
    if (prepared.kind !== 'subscription') return execution.execute(prepared, asked.caller);
    if (!asked.accept.includes('text/event-stream')) return { errors: [notAStream()] };
    const refused = await asked.stream(prepared);
    outcome.streamed = refused === null;
    return refused ?? { data: null };
  }

  const plugin: Plugin<object, ServerContext> = {
    onParams({ setParamsHandler }) {
      setParamsHandler(async ({ params, context }) => {
        try {
          return withStatus(context.result ?? (await run(params, context)));
        } catch (fault) {
          // Yoga would show it to the client.
          context.outcome.fault = fault;
          return { data: null };
        }
      });
    },
    onResultProcess({ result, setResult }) {
      if ('errors' in result && result.errors) setResult({ ...result, errors: result.errors.map(coded) });
    },
  };

  const yoga = createYoga<ServerContext>({
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
    maskedErrors: false,
    logging: false,
    parserAndValidationCache: false,
    maxRequestBodySize: false,
    plugins: [plugin],
  });

  async function byYoga(asked: GraphQLRequest, result: ExecutionResult | null): Promise<HttpAnswer | null> {
    const outcome: ServerContext['outcome'] = { streamed: false };
    const headers = { 'content-type': 'application/json', accept: asked.accept || 'application/json' };
    const response = await yoga.fetch(URL, { method: 'POST', headers, body: asked.body }, { asked, outcome, result });
    if (outcome.fault !== undefined) throw outcome.fault;
    if (outcome.streamed) return null;
    const answer = { status: response.status, headers: answerHeaders(response), body: await response.text() };
    const type = answer.headers['content-type'] ?? '';
    if (answer.status === 200 && PLAIN_TYPES.test(type)) typeOf.set(asked.accept, type, asked.accept.length);
    return answer;
  }

  return async (asked) => {
    const type = typeOf.get(asked.accept);
    const params = type === undefined ? null : plainParams(asked.body);
    if (type === undefined || params === null) return byYoga(asked, null);
    const outcome: ServerContext['outcome'] = { streamed: false };
    const result = await run(params, { asked, outcome });
    if (outcome.streamed) return null;
    if (result.errors !== undefined) return byYoga(asked, result);
    return { status: 200, headers: { 'content-type': type }, body: JSON.stringify(result) };
  };
}

// The others are about the connection, which is not Yoga's here.
function answerHeaders({ headers }: Response): Readonly<Record<string, string>> {
  const type = headers.get('content-type');
  return type === null ? {} : { 'content-type': type };
}

// Yoga checks the other parameters.
const isName = (value: unknown): boolean => value === undefined || value === null || typeof value === 'string';

const notAStream = (): GraphQLError =>
  new GraphQLError('Subscriptions over HTTP are streams of events: accept text/event-stream, or use a WebSocket.', {
    extensions: { code: 'BAD_USER_INPUT', field: 'accept', http: { status: 406 } },
  });

/** A request that was refused as a whole is a 400, except towards clients that know only application/json. */
function withStatus(result: ExecutionResult): ExecutionResult {
  if (result.errors === undefined || 'data' in result) return result;
  return { errors: result.errors.map((error) => ('http' in error.extensions ? error : withHttp(error))) };
}

function withHttp(error: GraphQLError): GraphQLError {
  const http = error.extensions.code === 'RATE_LIMITED' ? { status: 429 } : { status: 400, spec: true };
  return copy(error, { ...error.extensions, http });
}

/** Yoga's own refusals (of parameters, of JSON) have codes of its own, tell what the parser said, and are about HTTP, so a 400 for everyone. */
function coded(error: GraphQLError): GraphQLError {
  const { code } = error.extensions;
  if (code !== 'BAD_REQUEST' && code !== undefined) return error;
  return badRequest(error.message);
}

const badRequest = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', field: 'request', http: { status: 400 } } });

const copy = (error: GraphQLError, extensions: Record<string, unknown>): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes && { nodes: error.nodes }),
    ...(error.source && { source: error.source }),
    ...(error.positions && { positions: error.positions }),
    ...(error.path && { path: error.path }),
    extensions,
  });
