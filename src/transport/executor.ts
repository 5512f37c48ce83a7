import {
  createSourceEventStream,
  type DocumentNode,
  defaultTypeResolver,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  isObjectType,
  locatedError,
  type OperationDefinitionNode,
  responsePathAsArray,
} from 'graphql';
import { type Plan, type PlannedField, type PlannedOperation, plannedOperation, type Shape } from './plan.ts';

/** Runs the operations of one schema. */
export interface Executor {
  /** Executes an operation on one root value. Never rejects: errors are in the result. */
  execute(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult>;
  /** Asks a subscription for its source; a result where it is refused. Rejects only where a source is none. */
  open(args: ExecutionArgs): Promise<OpenedSource | ExecutionResult>;
}

/** The source of a subscription, with what it was asked for. */
export interface OpenedSource {
  readonly source: AsyncIterable<unknown>;
  /** The operation's variables, coerced. */
  readonly variables: Values;
}

type Values = Readonly<Record<string, unknown>>;

type Path = GraphQLResolveInfo['path'];
type Result = Record<string, unknown>;

type Abstract = Extract<Shape, { kind: 'abstract' }>['type'];

/** What has failed so far. */
interface Failures {
  readonly errors: GraphQLError[];
  /** Where errors have left a null: what fails below it later is of no interest any more. */
  readonly nulled: Set<Path | undefined>;
}

/**
 * Executes as graphql-js does ("Executing Requests" of the specification), from a plan made once for each operation. graphql-js collects what is asked
 * anew for every object, and what it remembers of that costs more in garbage collection than the fields themselves. Whatever a plan cannot hold, and
 * variables that are faulty, are its business.
 */
export function createExecutor(schema: GraphQLSchema): Executor {
  /** By document, then by operation name. */
  const operations = new WeakMap<DocumentNode, Map<string, PlannedOperation | null>>();
  // A subscription is executed with the same variables for each event.
  const known = new WeakMap<object, Given>();
  // Nothing here asks a type whether a value is of it.
  const able = !Object.values(schema.getTypeMap()).some((type) => isObjectType(type) && type.isTypeOf);

  function operationFor({ document, operationName }: ExecutionArgs): PlannedOperation | null {
    const name = operationName ?? '';
    const byName = operations.get(document);
    const before = byName?.get(name);
    if (before !== undefined) return before;
    const operation = getOperationAST(document, operationName);
    const planned = operation && able ? plannedOperation(schema, document, operation) : null;
    if (byName) byName.set(name, planned);
    else operations.set(document, new Map([[name, planned]]));
    return planned;
  }

  const coerced = ({ variableDefinitions = [] }: OperationDefinitionNode, variables: Values): Values | undefined =>
    getVariableValues(schema, variableDefinitions, variables).coerced;

  function givenFor(args: ExecutionArgs, opening: boolean): Given | null {
    const planned = operationFor(args);
    if (planned === null) return null;
    const { operation, coerce } = planned;
    const variables = args.variableValues ?? {};
    const before = known.get(variables);
    if (before?.planned === planned) return before;
    const values = coerce?.(variables) ?? coerced(operation, variables);
    const plan = values && planned.planFor(values);
    if (!values || !plan) return null;
    // Most of those opened share their events with others, which are executed with the variables of one of them.
    const repeats = !opening && operation.operation === 'subscription';
    const given: Given = { planned, plan, coerced: values, rootArgs: repeats ? new Map() : null };
    if (repeats) known.set(variables, given);
    return given;
  }

  /** As graphql-js does it; its result where it finds fault. */
  async function openUnplanned(args: ExecutionArgs): Promise<OpenedSource | ExecutionResult> {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const operation = getOperationAST(args.document, args.operationName);
    return { source, variables: (operation && coerced(operation, args.variableValues ?? {})) ?? {} };
  }

  return {
    execute(args) {
      const given = givenFor(args, false);
      return given === null ? execute(args) : new Execution(schema, given, args).run();
    },
    open(args) {
      const given = givenFor(args, true);
      return given === null ? openUnplanned(args) : new Execution(schema, given, args).open();
    },
  };
}

/** A plan with the variables it is run with. */
interface Given {
  readonly planned: PlannedOperation;
  readonly plan: Plan;
  readonly coerced: Values;
  /** The arguments of its root fields, where it is run again with the same ones. */
  readonly rootArgs: Map<PlannedField, Result> | null;
}

const NO_ARGUMENTS: Result = Object.freeze({});

/**
 * A field at its place in the result: what resolvers are told of it, and the path to it. A class, for every field of every result makes one: most of what it
 * tells is asked for by nobody.
 */
class Place implements GraphQLResolveInfo, Path {
  readonly prev: Path | undefined;
  readonly field: PlannedField;
  readonly #execution: Execution;

  constructor(execution: Execution, field: PlannedField, prev: Path | undefined) {
    this.prev = prev;
    this.field = field;
    this.#execution = execution;
  }

  get key(): string {
    return this.field.name;
  }

  get typename(): string {
    return this.field.parent.name;
  }

  get path(): Path {
    return this;
  }

  get fieldName(): string {
    return this.field.definition.name;
  }

  get fieldNodes(): PlannedField['nodes'] {
    return this.field.nodes;
  }

  get returnType(): GraphQLOutputType {
    return this.field.definition.type;
  }

  get parentType(): GraphQLObjectType {
    return this.field.parent;
  }

  get schema(): GraphQLSchema {
    return this.#execution.schema;
  }

  get fragments(): PlannedOperation['fragments'] {
    return this.#execution.planned.fragments;
  }

  get rootValue(): unknown {
    return this.#execution.rootValue;
  }

  get operation(): OperationDefinitionNode {
    return this.#execution.planned.operation;
  }

  get variableValues(): GraphQLResolveInfo['variableValues'] {
    return this.#execution.variables;
  }
}

// A class, for every operation and event makes one.
class Execution {
  readonly schema: GraphQLSchema;
  readonly planned: PlannedOperation;
  readonly rootValue: unknown;
  readonly variables: Values;
  readonly #plan: Plan;
  readonly #context: unknown;
  readonly #rootArgs: Given['rootArgs'];
  #failures: Failures | null = null;

  constructor(schema: GraphQLSchema, { planned, plan, coerced, rootArgs }: Given, args: ExecutionArgs) {
    this.schema = schema;
    this.planned = planned;
    this.#plan = plan;
    this.#context = args.contextValue;
    this.rootValue = args.rootValue;
    this.variables = coerced;
    this.#rootArgs = rootArgs;
  }

  run(): ExecutionResult | Promise<ExecutionResult> {
    try {
      const { root } = this.#plan;
      const data =
        this.planned.operation.operation === 'mutation'
          ? this.#inTurn(root, 0, {})
          : this.#fields(root, this.rootValue, undefined);
      return isPromise(data) ? this.#answerLater(data) : this.#answer(data);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** "Create Source Event Stream" of the specification. */
  async open(): Promise<OpenedSource | ExecutionResult> {
    const [field] = this.#plan.root;
    if (!field?.definition.subscribe) throw new Error('There is nothing to subscribe to.');
    const place = new Place(this, field, undefined);
    let source: unknown;
    try {
      const args = this.#argsOf(field, true);
      source = await field.definition.subscribe(this.rootValue, args, this.#context, place);
      if (source instanceof Error) throw source;
    } catch (error) {
      return { errors: [locatedError(error, field.nodes, responsePathAsArray(place))] };
    }
    if (!isAsyncIterable(source)) throw new Error(`The source of "${field.name}" is none.`);
    return { source, variables: this.variables };
  }

  #answerLater(data: Promise<Result>): Promise<ExecutionResult> {
    return data.then(
      (made) => this.#answer(made),
      (error) => this.#refuse(error),
    );
  }

  #refuse(error: unknown): ExecutionResult {
    this.#add(error as GraphQLError, undefined);
    return this.#answer(null);
  }

  #answer(data: Result | null): ExecutionResult {
    return this.#failures === null ? { data } : { errors: this.#failures.errors, data };
  }

  /** Mutations, from one on: each when the one before is done. */
  #inTurn(fields: readonly PlannedField[], start: number, results: Result): Result | Promise<Result> {
    for (let index = start; index < fields.length; index += 1) {
      const field = fields[index] as PlannedField;
      const value = this.#field(field, this.rootValue, undefined);
      results[field.name] = value;
      if (isPromise(value)) return this.#restInTurn(fields, index, results, value);
    }
    return results;
  }

  #restInTurn(fields: readonly PlannedField[], index: number, results: Result, value: Promise<unknown>): Promise<Result> {
    return value.then((made) => {
      results[(fields[index] as PlannedField).name] = made;
      return this.#inTurn(fields, index + 1, results);
    });
  }

  #fields(fields: readonly PlannedField[], source: unknown, path: Path | undefined): Result | Promise<Result> {
    const results: Result = {};
    let pending: string[] | null = null;
    try {
      for (const field of fields) {
        const value = this.#field(field, source, path);
        results[field.name] = value;
        if (isPromise(value)) {
          pending ??= [];
          pending.push(field.name);
        }
      }
    } catch (error) {
      if (pending === null) throw error;
      return failed(results, pending, error);
    }
    return pending === null ? results : settled(results, pending);
  }

  #field(field: PlannedField, source: unknown, prev: Path | undefined): unknown {
    const place = new Place(this, field, prev);
    try {
      const args = field.args?.length === 0 ? NO_ARGUMENTS : this.#argsOf(field, prev === undefined);
      const value: unknown = field.resolve(source, args, this.#context, place);
      return isPromise(value) ? this.#later(place, value) : this.#finished(place, value);
    } catch (error) {
      return this.#fail(error, field, field.shape, place);
    }
  }

  // Apart, here and below: where a function holds others that look at its variables, each call of it makes an object for these, whether they are needed or not.
  #later(place: Place, value: Promise<unknown>): Promise<unknown> {
    return value.then(
      (resolved) => this.#finished(place, resolved),
      (error) => this.#fail(error, place.field, place.field.shape, place),
    );
  }

  /** Completed, or failed, also later. */
  #finished(place: Place, value: unknown): unknown {
    const { field } = place;
    try {
      const completed = this.#complete(field.shape, place, place, value);
      return isPromise(completed) ? this.#failing(place, completed) : completed;
    } catch (error) {
      return this.#fail(error, field, field.shape, place);
    }
  }

  #failing(place: Place, completed: Promise<unknown>): Promise<unknown> {
    return completed.then(undefined, (error) => this.#fail(error, place.field, place.field.shape, place));
  }

  #argsOf(field: PlannedField, isRoot: boolean): Result {
    const known = isRoot ? this.#rootArgs?.get(field) : undefined;
    if (known) return known;
    const args = this.#givenArgs(field) ?? getArgumentValues(field.definition, field.nodes[0], this.variables);
    if (isRoot) this.#rootArgs?.set(field, args);
    return args;
  }

  /** Null where any of them is missing: what then holds is not decided here. */
  #givenArgs({ args: planned }: PlannedField): Result | null {
    if (planned === null) return null;
    const args: Result = {};
    for (const { name, variable } of planned) {
      const value = this.variables[variable];
      if (value === null || value === undefined) return null;
      args[name] = value;
    }
    return args;
  }

  /** What a field holds at that path: the field's own, or of an element of its list. */
  #complete(shape: Shape, place: Place, path: Path, value: unknown): unknown {
    if (value instanceof Error) throw value;
    if (shape.kind === 'required') {
      const completed = this.#complete(shape.of, place, path, value);
      if (completed === null) throw new Error(`Cannot return null for non-nullable field ${place.typename}.${place.fieldName}.`);
      return completed;
    }
    if (value === null || value === undefined) return null;
    if (shape.kind === 'leaf') return serialized(shape.type, value);
    if (shape.kind === 'list') return this.#list(shape.of, place, path, value);
    if (shape.kind === 'object') return this.#fields(this.#plan.inside(place.field, shape.type), value, path);
    return this.#abstract(shape.type, place, path, value);
  }

  #abstract(type: Abstract, place: Place, path: Path, value: unknown): unknown {
    const found = (type.resolveType ?? defaultTypeResolver)(value, this.#context, place, type);
    return isPromise(found) ? this.#abstractLater(type, place, path, value, found) : this.#shown(type, place, path, value, found);
  }

  #abstractLater(type: Abstract, place: Place, path: Path, value: unknown, found: Promise<unknown>): Promise<unknown> {
    return found.then((name) => this.#shown(type, place, path, value, name));
  }

  #shown(type: Abstract, { field }: Place, path: Path, value: unknown, name: unknown): unknown {
    return this.#fields(this.#plan.inside(field, this.#runtimeType(type, name, field)), value, path);
  }

  #list(of: Shape, place: Place, path: Path, value: unknown): unknown {
    if (!isIterable(value)) {
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${place.typename}.${place.fieldName}".`);
    }
    const pending: Promise<unknown>[] = [];
    const complete = (item: unknown, key: number): unknown => {
      const at: Path = { prev: path, key, typename: undefined };
      const failed = (error: unknown) => this.#fail(error, place.field, of, at);
      try {
        const completed = isPromise(item)
          ? item.then((resolved) => this.#complete(of, place, at, resolved))
          : this.#complete(of, place, at, item);
        if (!isPromise(completed)) return completed;
        const last = completed.then(undefined, failed);
        pending.push(last);
        return last;
      } catch (error) {
        return failed(error);
      }
    };
    try {
      const items = Array.from(value, complete);
      return pending.length > 0 ? Promise.all(items) : items;
    } catch (error) {
      // The others may fail as well, also those not looked at yet, which must not go unhandled.
      for (const each of [...pending, ...value]) if (isPromise(each)) each.then(undefined, () => {});
      throw error;
    }
  }

  #runtimeType(abstract: Abstract, name: unknown, field: PlannedField): GraphQLObjectType {
    const type = typeof name === 'string' ? this.schema.getType(name) : undefined;
    if (isObjectType(type) && this.schema.isSubType(abstract, type)) return type;
    throw new GraphQLError(`Abstract type "${abstract.name}" was not resolved to one of its types: ${String(name)}.`, {
      nodes: field.nodes,
    });
  }

  /** Null in place of what failed, or the error again where null may not stand. */
  #fail(error: unknown, field: PlannedField, shape: Shape, path: Path): null {
    const located = locatedError(error, field.nodes, responsePathAsArray(path));
    if (shape.kind === 'required') throw located;
    this.#add(located, path);
    return null;
  }

  #add(error: GraphQLError, path: Path | undefined): void {
    this.#failures ??= { errors: [], nulled: new Set() };
    const { errors, nulled } = this.#failures;
    for (let at = path; at !== undefined; at = at.prev) if (nulled.has(at)) return;
    if (nulled.has(undefined)) return;
    nulled.add(path);
    errors.push(error);
  }
}

/** The error, once the others are done: they may fail as well, which must not go unhandled. */
function failed(results: Result, pending: readonly string[], error: unknown): Promise<never> {
  const fail = () => Promise.reject(error);
  return Promise.all(pending.map((name) => results[name])).then(fail, fail);
}

/** The results when those that are pending are there. */
function settled(results: Result, pending: readonly string[]): Promise<Result> {
  return Promise.all(pending.map((name) => results[name])).then((values) => {
    for (const [index, name] of pending.entries()) results[name] = values[index];
    return results;
  });
}

function serialized(type: Extract<Shape, { kind: 'leaf' }>['type'], value: unknown): unknown {
  const made = type.serialize(value);
  if (made !== null && made !== undefined) return made;
  throw new Error(`Expected a value of ${type.name} to be written as something, not as ${String(made)}.`);
}

const isPromise = <T>(value: T | PromiseLike<T>): value is Promise<T> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value && typeof value[Symbol.iterator] === 'function';
