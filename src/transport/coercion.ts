import {
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** Coerces the variables of one operation; null where that cannot be said here: then graphql-js is to judge them, and to say what is wrong. */
export type CoerceVariables = (given: Values) => Values | null;

type Coerce = (value: unknown) => unknown;

/** In place of a value that may be faulty. */
const DOUBT = Symbol('doubt');

/**
 * Coercion of variables as graphql-js does it ("Coercing Variable Values" of the specification), with what the types ask found out once: it asks them
 * anew for each value, which cost more than all that a message is otherwise executed with. Null for an operation with default values.
 */
export function coercionOf(schema: GraphQLSchema, { variableDefinitions = [] }: OperationDefinitionNode): CoerceVariables | null {
  const known = new Map<GraphQLInputType, Coerce>();
  const variables: { readonly name: string; readonly coerce: Coerce }[] = [];
  for (const { variable, type: written, defaultValue } of variableDefinitions) {
    const type = typeFromAST(schema, written) as GraphQLInputType | undefined;
    if (defaultValue !== undefined || type === undefined) return null;
    variables.push({ name: variable.name.value, coerce: coerceAs(type, known) });
  }

  return (given) => {
    const coerced: Record<string, unknown> = {};
    for (const { name, coerce } of variables) {
      const isGiven = Object.hasOwn(given, name);
      const value = coerce(isGiven ? given[name] : undefined);
      if (value === DOUBT) return null;
      if (isGiven) coerced[name] = value;
    }
    return coerced;
  };
}

function coerceAs(type: GraphQLInputType, known: Map<GraphQLInputType, Coerce>): Coerce {
  const before = known.get(type);
  if (before) return before;
  // Types may hold themselves.
  known.set(type, (value) => made(value));
  const made = makeCoerce(type, known);
  known.set(type, made);
  return made;
}

function makeCoerce(type: GraphQLInputType, known: Map<GraphQLInputType, Coerce>): Coerce {
  if (isNonNullType(type)) {
    const coerce = coerceAs(type.ofType, known);
    return (value) => (value === null || value === undefined ? DOUBT : coerce(value));
  }
  if (isLeafType(type)) return (value) => (value === null || value === undefined ? null : leaf(type, value));
  if (isListType(type)) {
    const coerce = coerceAs(type.ofType, known);
    return (value) => (value === null || value === undefined ? null : list(coerce, value));
  }
  if (!isInputObjectType(type) || type.isOneOf) return () => DOUBT;
  const fields = Object.values(type.getFields()).map(({ name, type: of, defaultValue }) => {
    return { name, coerce: coerceAs(of, known), isLeftOut: defaultValue === undefined && !isNonNullType(of) };
  });
  return (value) => (value === null || value === undefined ? null : object(fields, value));
}

function leaf(type: { parseValue(value: unknown): unknown }, value: unknown): unknown {
  try {
    return type.parseValue(value) ?? DOUBT;
  } catch {
    return DOUBT;
  }
}

function list(coerce: Coerce, value: unknown): unknown {
  if (!Array.isArray(value)) return DOUBT;
  const items = value.map(coerce);
  return items.includes(DOUBT) ? DOUBT : items;
}

interface InputField {
  readonly name: string;
  readonly coerce: Coerce;
  /** Whether it may be missing, and then is. */
  readonly isLeftOut: boolean;
}

function object(fields: readonly InputField[], value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return DOUBT;
  const given = value as Values;
  const coerced: Record<string, unknown> = {};
  let count = 0;
  for (const { name, coerce, isLeftOut } of fields) {
    const each = given[name];
    if (each === undefined) {
      if (!isLeftOut) return DOUBT;
      continue;
    }
    const made = coerce(each);
    if (made === DOUBT) return DOUBT;
    coerced[name] = made;
    count += 1;
  }
  // Else there are some that the type does not have.
  return Object.keys(given).length === count ? coerced : DOUBT;
}
