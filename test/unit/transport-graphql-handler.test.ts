import fc from 'fast-check';
import { buildSchema, GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { DomainError, unavailable } from '../../src/domain/errors.ts';
import { createMaskError } from '../../src/resolvers/errors.ts';
import { createDocuments } from '../../src/transport/documents.ts';
import { type Caller, createExecution, type Execution } from '../../src/transport/execution.ts';
import { createGraphQLHandler, type GraphQLHandler } from '../../src/transport/graphql-handler.ts';

const schema = buildSchema(`
  type Query { hello: String echo(text: String!): String sum(of: [Int!]!): Int refused: String needed: String! broken: String }
  type Mutation { note(text: String): String }
  type Subscription { events: String }
`);
const resolvers: Record<string, Record<string, (...args: never[]) => unknown>> = {
  Query: {
    hello: () => 'Grüße \u2028 🎈 "\\',
    echo: (_root: unknown, { text }: { text: string }) => text,
    sum: (_root: unknown, { of }: { of: number[] }) => of.reduce((sum, each) => sum + each, 0),
    refused: () => {
      throw new DomainError('RATE_LIMITED', 'Slow down.', { retryAfterMs: 10 });
    },
    needed: () => null,
    broken: () => {
      throw new Error('secret');
    },
  },
  Mutation: { note: (_root: unknown, { text }: { text?: string }) => text },
  Subscription: { events: () => null },
};
for (const [type, fields] of Object.entries(resolvers)) {
  const found = schema.getType(type);
  const known = found && 'getFields' in found ? found.getFields() : {};
  for (const [name, resolve] of Object.entries(fields)) Object.assign(known[name] ?? {}, { resolve });
}

const caller: Caller = { viewer: null, client: { address: '127.0.0.1', closeSlow() {} } };

function makeExecution(): Execution {
  const options = { depth: 5, aliases: 3, directives: 3, tokens: 100, cost: 100, cached: 100, explorer: true };
  const log = { warn() {}, error() {} };
  return createExecution({
    schema,
    documents: createDocuments(schema, options, { wait: () => 0, spend() {} }),
    createContext: () => ({}) as never,
    maskError: createMaskError({ development: false, log }),
    observe() {},
    clock: systemClock,
    closing: () => false,
  });
}

const execution = makeExecution();

type Outcome = { readonly thrown: string } | { readonly streamed: true } | { status: number; headers: object; body: string };

async function ask(handler: GraphQLHandler, accept: string, body: string): Promise<Outcome> {
  try {
    const answer = await handler({ accept, body, caller, stream: async () => null });
    // Which one it was is the only thing that may differ.
    return answer === null ? { streamed: true } : { ...answer, body: answer.body.replace(/"id":"[0-9a-f-]{36}"/, '"id":""') };
  } catch (error) {
    return { thrown: String(error) };
  }
}

/** As a handler answers that has never seen this Accept header, and as one does that knows it. */
async function bothWays(accept: string, body: string): Promise<{ first: Outcome; known: Outcome }> {
  const known = createGraphQLHandler(execution);
  await ask(known, accept, '{"query":"{ hello }"}');
  return { first: await ask(createGraphQLHandler(execution), accept, body), known: await ask(known, accept, body) };
}

const ACCEPTS = [
  '',
  '*/*',
  'application/*',
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=latin1',
  'application/graphql-response+json',
  'application/graphql-response+json; charset=utf-8, application/json; charset=utf-8',
  'application/graphql-response+json, application/json, multipart/mixed',
  'application/json;q=0.1, application/graphql-response+json;q=0.9',
  'application/graphql-response+json;q=0.1, application/json;q=0.9',
  'APPLICATION/JSON',
  'text/html, application/xhtml+xml, */*;q=0.8',
  'text/event-stream',
  'application/json, text/event-stream',
  'multipart/mixed',
  'image/png',
  'nonsense',
];

const BODIES = [
  '{"query":"{ hello }"}',
  ' {"query" : "{ hello }" , "variables" : null , "operationName" : null , "extensions" : null } ',
  '{"query":"query Q($t: String!) { echo(text: $t) }","variables":{"t":"ü 🎈"},"operationName":"Q","extensions":{"a":1}}',
  '{"query":"query Q($t: String!) { echo(text: $t) }","variables":{"t":5}}',
  '{"query":"query Q($t: String!) { echo(text: $t) }","variables":{}}',
  '{"query":"query Q($t: String!) { echo(text: $t) }","variables":[]}',
  '{"query":"query Q($t: String!) { echo(text: $t) }","variables":"{}"}',
  '{"query":"query Q($of: [Int!]!) { sum(of: $of) }","variables":{"of":[1,2,3.5]}}',
  '{"query":"query Q($of: [Int!]!) { sum(of: $of) }","variables":{"of":2,"other":{}}}',
  '{"query":"query A { hello } query B { refused }","operationName":"B"}',
  '{"query":"query A { hello } query B { refused }"}',
  '{"query":"query A { hello } query B { refused }","operationName":"C"}',
  '{"query":"{ hello }","operationName":""}',
  '{"query":"{ hello }","operationName":7}',
  '{"query":"{ hello }","operationName":{}}',
  '{"query":"{ hello }","extensions":7}',
  '{"query":"{ hello }","extensions":[]}',
  '{"query":"{ hello }","other":1}',
  '{"query":"{ hello }","other":null}',
  '{"query":"{ hello }","__proto__":{"query":"x"}}',
  '{"query":"{ hello }","constructor":1}',
  '{"query":"{ refused }","query":"{ hello }"}',
  '{"query":"mutation { note(text: \\"x\\") }"}',
  '{"query":"mutation M($text: String) { note(text: $text) }","variables":{"__proto__":{"text":"y"}}}',
  '{"query":"{ refused hello }"}',
  '{"query":"{ needed }"}',
  '{"query":"{ hello broken }"}',
  '{"query":"{ helo }"}',
  '{"query":"{ hello"}',
  '{"query":"{ a: hello b: hello c: hello d: hello }"}',
  '{"query":"subscription { events }"}',
  '{"query":"# nothing"}',
  '{"query":""}',
  '{"query":null}',
  '{"query":["{ hello }"]}',
  '{"query":{"text":"{ hello }"}}',
  '{"variables":{}}',
  '{}',
  '[]',
  '[{"query":"{ hello }"}]',
  'null',
  'true',
  '7',
  '"{ hello }"',
  '',
  '{',
  '{"query":"{ hello }"} x',
  "{'query':'{ hello }'}",
];

describe('what is asked in the plainest way', () => {
  it.each(ACCEPTS)('is answered as everything else is: Accept %j', async (accept) => {
    for (const body of BODIES) {
      const { first, known } = await bothWays(accept, body);
      expect(known, body).toEqual(first);
    }
  });

  it('is answered so whatever the parameters hold', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>('{ hello }', '{ refused }', 'Q', {}, null));
    const name = fc.constantFrom('query', 'variables', 'operationName', 'extensions', 'other', '__proto__', 'toString');
    const params = fc.array(fc.tuple(name, value), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('*/*', 'application/json', 'application/graphql-response+json'),
        params,
        async (accept, list) => {
          const members = list.map(([key, held]) => `${JSON.stringify(key)}:${JSON.stringify(held)}`);
          const { first, known } = await bothWays(accept, `{"query":"{ hello }",${members.join(',')}}`.replace(',}', '}'));
          expect(known).toEqual(first);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('goes past Yoga once it is known how to answer', async () => {
    // Yoga lets a result say itself how it is written.
    const result = { data: { hello: 'once' }, stringify: () => 'by Yoga' };
    const handler = createGraphQLHandler({ ...execution, execute: async () => result });
    const bodies: string[] = [];
    for (let i = 0; i < 2; i += 1) {
      const answer = await handler({ accept: '*/*', body: BODIES[0] ?? '', caller, stream: async () => null });
      bodies.push(answer?.body ?? '');
    }
    expect(bodies).toEqual(['by Yoga', '{"data":{"hello":"once"}}']);
  });

  it('throws what keeps an operation from being run, either way', async () => {
    const failing = createGraphQLHandler({
      ...execution,
      prepare(request, address) {
        if (request.query.includes('refused')) throw unavailable();
        return execution.prepare(request, address);
      },
    });
    for (let i = 0; i < 2; i += 1) {
      await expect(ask(failing, '*/*', '{"query":"{ refused }"}')).resolves.toEqual({
        thrown: 'DomainError: The store cannot be reached. Try again.',
      });
      expect(await ask(failing, '*/*', '{"query":"{ hello }"}')).toMatchObject({ status: 200 });
    }
  });

  it('runs an operation once, also where it fails', async () => {
    let runs = 0;
    const handler = createGraphQLHandler({
      ...execution,
      async execute() {
        runs += 1;
        return { data: null, errors: [new GraphQLError('No.', { path: ['note'], extensions: { code: 'FORBIDDEN' } })] };
      },
    });
    for (let i = 1; i <= 3; i += 1) {
      expect(await ask(handler, '*/*', '{"query":"mutation { note }"}')).toMatchObject({ status: 200 });
      expect(runs).toBe(i);
    }
  });
});
