import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  parse,
  validate,
} from 'graphql';
import { readConfig } from '../../src/config.ts';
import type { Context } from '../../src/context.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { createHub } from '../../src/realtime/create-hub.ts';
import { createMaskError } from '../../src/resolvers/errors.ts';
import { createSchema } from '../../src/schema/index.ts';
import { at } from './graphql-client.ts';
import { openServices, type Person, type Wanted } from './services.ts';
import { waitFor } from './wait-for.ts';

const schema = createSchema();
const never = () => undefined;
const complain = (facts: object, message: string) => {
  throw new Error(`${message} ${JSON.stringify(facts)}`);
};

type Variables = Readonly<Record<string, unknown>>;
/** An answer, with its errors as clients see them. */
export interface Answer {
  readonly data: unknown;
  readonly errors: readonly GraphQLError[];
  /** The code of the first error; 'ok' where there is none. */
  readonly code: string;
}

/** The whole API over a store, without transport. Close it when done. */
export function openApi(store: Store, wanted: Wanted = {}) {
  const all = openServices(store, wanted);
  const { realtime, presence, limits } = readConfig({});
  const observe = { eventIn: never, eventOut: never, gap: never, replay: never, reset: never, slow: never };
  const hub = createHub(
    { store, clock: systemClock, observe, onError: (error) => complain({ error }, 'the hub complained') },
    {
      ...realtime,
      lingerMs: 50,
      viewerMergeMs: 10,
      replay: limits.replay,
      presence: { ...presence, roomSize: limits.presenceRoomSize },
    },
  );
  const mask = createMaskError({ development: false, log: { warn: complain, error: complain } });
  const followers: { stop(): Promise<unknown> }[] = [];

  const contextOf = (person: Person | null): Context => ({
    viewer: person?.viewer ?? null,
    services: all.services,
    hub,
    loaders: all.services.loaders(),
    client: { address: '192.0.2.1', closeSlow: never },
  });
  const answerOf = ({ data, errors = [] }: ExecutionResult): Answer => {
    const masked = errors.map(mask);
    return { data, errors: masked, code: String(masked[0]?.extensions.code ?? 'ok') };
  };
  /** Runs a query or mutation. */
  async function run(person: Person | null, text: string, variableValues: Variables = {}): Promise<Answer> {
    return answerOf(await execute({ schema, document: documentOf(text), variableValues, contextValue: contextOf(person) }));
  }

  /** As {@link run}, of what must succeed. */
  async function ask(person: Person | null, text: string, variables: Variables = {}): Promise<unknown> {
    const { data, errors } = await run(person, text, variables);
    if (errors.length > 0)
      throw new Error(errors.map((error) => `${error.extensions.code} ${error.message} at ${error.path?.join('.')}`).join('\n'));
    return data;
  }

  /** Subscribes and reads on; rejects with the refusal where there is one. */
  async function follow(person: Person | null, text: string, variableValues: Variables = {}) {
    const document = documentOf(text);
    const base = { schema, document, variableValues };
    const source = await createSourceEventStream({ ...base, contextValue: contextOf(person) });
    if (!(Symbol.asyncIterator in source)) throw answerOf(source).errors[0];
    const iterator = source[Symbol.asyncIterator]();
    const events: Answer[] = [];
    let end: string | null = null;
    const reading = (async () => {
      try {
        for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
          events.push(answerOf(await execute({ ...base, contextValue: contextOf(person), rootValue: step.value })));
        }
        end = 'ok';
      } catch (error) {
        end = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      }
    })();
    const stop = async () => {
      await iterator.return?.();
      await reading;
    };
    followers.push({ stop });
    const types = () => events.map(typeOf);
    return {
      events,
      types,
      ended: () => end,
      /** Waits for an event of that type behind the first `from` and gives what it holds. */
      async next(type: string, from = 0): Promise<unknown> {
        const event = await waitFor(() => events.slice(from).find((each) => each.errors.length > 0 || typeOf(each) === type), {
          what: `${type} among ${types().join(' ')}`,
        });
        if (event.errors[0]) throw event.errors[0];
        return rootOf(event);
      },
      stop,
    };
  }

  async function close(): Promise<void> {
    await Promise.all(followers.map((each) => each.stop()));
    await hub.close();
  }

  return { ...all, hub, run, ask, follow, close };
}

const documents = new Map<string, DocumentNode>();

/** The document, valid: each is looked at once. */
function documentOf(text: string): DocumentNode {
  const known = documents.get(text);
  if (known) return known;
  const document = parse(text);
  const faults = validate(schema, document);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  documents.set(text, document);
  return document;
}

/** What the one root field of an answer holds. */
const rootOf = ({ data }: Answer): unknown => (typeof data === 'object' && data !== null ? Object.values(data)[0] : undefined);

const typeOf = (answer: Answer): unknown => at(rootOf(answer), '__typename');
