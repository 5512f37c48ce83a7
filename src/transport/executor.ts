import {
  type DocumentNode,
  defaultTypeResolver,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  isObjectType,
  locatedError,
  responsePathAsArray,
} from 'graphql';
import { type Plan, type PlannedField, planOf, type Shape } from './plan.ts';

/** Executes an operation on one root value. Never rejects: errors are in the result. */
export type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

type Path = GraphQLResolveInfo['path'];
type Result = Record<string, unknown>;

/**
 * Executes as graphql-js does ("Executing Requests" of the specification), from a plan made once for each operation. graphql-js collects what is asked
 * anew for every object, and what it remembers of that costs more in garbage collection than the fields themselves. Whatever a plan cannot hold, and
 * variables that are faulty, are its business.
 */
export function createExecutor(schema: GraphQLSchema): Execute {
  /** By document, then by operation name. */
  const plans = new WeakMap<DocumentNode, Map<string, Plan | null>>();
  // A subscription is executed with the same variables for each event.
  const coercions = new WeakMap<object, { readonly plan: Plan; readonly coerced: Readonly<Record<string, unknown>> }>();
  // Nothing here asks a type whether a value is of it.
  const able = !Object.values(schema.getTypeMap()).some((type) => isObjectType(type) && type.isTypeOf);

  function planFor({ document, operationName }: ExecutionArgs): Plan | null {
    const name = operationName ?? '';
    const byName = plans.get(document);
    const before = byName?.get(name);
    if (before !== undefined) return before;
    const operation = getOperationAST(document, operationName);
    const plan = operation && able ? planOf(schema, document, operation) : null;
    if (byName) byName.set(name, plan);
    else plans.set(document, new Map([[name, plan]]));
    return plan;
  }

  function coerce(plan: Plan, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
    const before = coercions.get(given);
    if (before?.plan === plan) return before.coerced;
    const { coerced } = getVariableValues(schema, plan.operation.variableDefinitions ?? [], given);
    if (coerced && plan.operation.operation === 'subscription') coercions.set(given, { plan, coerced });
    return coerced;
  }

  return (args) => {
    const plan = planFor(args);
    if (plan === null) return execute(args);
    const coerced = coerce(plan, args.variableValues ?? {});
    return coerced === undefined ? execute(args) : new Execution(schema, plan, args, coerced).run();
  };
}

// A class, for every operation and event makes one.
class Execution {
  readonly #schema: GraphQLSchema;
  readonly #plan: Plan;
  readonly #context: unknown;
  readonly #rootValue: unknown;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #errors: GraphQLError[] = [];
  /** Where errors have left a null: what fails below it later is of no interest any more. */
  readonly #nulled = new Set<Path | undefined>();

  constructor(schema: GraphQLSchema, plan: Plan, args: ExecutionArgs, variables: Readonly<Record<string, unknown>>) {
    this.#schema = schema;
    this.#plan = plan;
    this.#context = args.contextValue;
    this.#rootValue = args.rootValue;
    this.#variables = variables;
  }

  run(): ExecutionResult | Promise<ExecutionResult> {
    const failed = (error: unknown): ExecutionResult => {
      this.#add(error as GraphQLError, undefined);
      return this.#answer(null);
    };
    try {
      const { root, operation } = this.#plan;
      const data = operation.operation === 'mutation' ? this.#inTurn(root) : this.#fields(root, this.#rootValue, undefined);
      return isPromise(data) ? data.then((made) => this.#answer(made), failed) : this.#answer(data);
    } catch (error) {
      return failed(error);
    }
  }

  #answer(data: Result | null): ExecutionResult {
    return this.#errors.length === 0 ? { data } : { errors: this.#errors, data };
  }

  /** Mutations: each when the one before is done. */
  #inTurn(fields: readonly PlannedField[]): Result | Promise<Result> {
    const results: Result = {};
    const from = (start: number): Result | Promise<Result> => {
      for (let index = start; index < fields.length; index += 1) {
        const field = fields[index] as PlannedField;
        const value = this.#field(field, this.#rootValue, undefined);
        results[field.name] = value;
        if (isPromise(value))
          return value.then((made) => {
            results[field.name] = made;
            return from(index + 1);
          });
      }
      return results;
    };
    return from(0);
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
      // The others may fail as well, which must not go unhandled.
      return Promise.all(pending.map((name) => results[name])).then(
        () => Promise.reject(error),
        () => Promise.reject(error),
      );
    }
    return pending === null ? results : settled(results, pending);
  }

  #field(field: PlannedField, source: unknown, prev: Path | undefined): unknown {
    const { definition, nodes, parent, shape } = field;
    const path: Path = { prev, key: field.name, typename: parent.name };
    const info: GraphQLResolveInfo = {
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType: parent,
      path,
      schema: this.#schema,
      fragments: this.#plan.fragments,
      rootValue: this.#rootValue,
      operation: this.#plan.operation,
      variableValues: this.#variables,
    };
    try {
      const args = definition.args.length === 0 ? {} : getArgumentValues(definition, nodes[0], this.#variables);
      const value: unknown = field.resolve(source, args, this.#context, info);
      const completed = isPromise(value)
        ? value.then((resolved) => this.#complete(shape, field, info, path, resolved))
        : this.#complete(shape, field, info, path, value);
      return isPromise(completed) ? completed.then(undefined, (error) => this.#fail(error, field, shape, path)) : completed;
    } catch (error) {
      return this.#fail(error, field, shape, path);
    }
  }

  #complete(shape: Shape, field: PlannedField, info: GraphQLResolveInfo, path: Path, value: unknown): unknown {
    if (value instanceof Error) throw value;
    if (shape.kind === 'required') {
      const completed = this.#complete(shape.of, field, info, path, value);
      if (completed === null)
        throw new Error(`Cannot return null for non-nullable field ${field.parent.name}.${info.fieldName}.`);
      return completed;
    }
    if (value === null || value === undefined) return null;
    if (shape.kind === 'leaf') return serialized(shape.type, value);
    if (shape.kind === 'list') return this.#list(shape.of, field, info, path, value);
    if (shape.kind === 'object') return this.#fields(this.#plan.inside(field, shape.type), value, path);
    const found = (shape.type.resolveType ?? defaultTypeResolver)(value, this.#context, info, shape.type);
    const show = (name: unknown) =>
      this.#fields(this.#plan.inside(field, this.#runtimeType(shape.type, name, field)), value, path);
    return isPromise(found) ? found.then(show) : show(found);
  }

  #list(of: Shape, field: PlannedField, info: GraphQLResolveInfo, path: Path, value: unknown): unknown {
    if (!isIterable(value)) {
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${field.parent.name}.${info.fieldName}".`);
    }
    const pending: Promise<unknown>[] = [];
    const complete = (item: unknown, key: number): unknown => {
      const at: Path = { prev: path, key, typename: undefined };
      const failed = (error: unknown) => this.#fail(error, field, of, at);
      try {
        const completed = isPromise(item)
          ? item.then((resolved) => this.#complete(of, field, info, at, resolved))
          : this.#complete(of, field, info, at, item);
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

  #runtimeType(abstract: Extract<Shape, { kind: 'abstract' }>['type'], name: unknown, field: PlannedField): GraphQLObjectType {
    const type = typeof name === 'string' ? this.#schema.getType(name) : undefined;
    if (isObjectType(type) && this.#schema.isSubType(abstract, type)) return type;
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
    for (let at = path; at !== undefined; at = at.prev) if (this.#nulled.has(at)) return;
    if (this.#nulled.has(undefined)) return;
    this.#nulled.add(path);
    this.#errors.push(error);
  }
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

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value && typeof value[Symbol.iterator] === 'function';
