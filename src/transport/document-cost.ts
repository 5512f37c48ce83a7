import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** What the variables of a request are, before coercion. */
export type Variables = Readonly<Record<string, unknown>>;

/** What a document would cost with these variables, at most: known before anything runs. */
export type CostOf = (variables: Variables) => number;

// A list without pages (the mentions of a message) counts as this many.
const UNPAGED = 5;
// The whole schema costs as much as some hundred objects; two of them fit into one document, twenty do not.
const SCHEMA = 1500;
const ONE_TYPE = 50;

interface Node {
  /** What the field itself costs, once. */
  readonly own: number;
  /** How many times that comes what lies inside. */
  readonly times: CostOf;
  readonly inside: Inside;
}

interface Inside {
  readonly fields: readonly Node[];
  readonly spreads: readonly string[];
}

/**
 * The price list of a valid document's operation. A field costs its `extensions.cost`, else 1 where it holds objects and 0 where it holds
 * scalars; a page (`first`, `last`, or a list of ids) costs what lies inside as many times. `extensions.page` is its size where none is given.
 */
export function priceOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): CostOf {
  const fragments = new Map<string, Inside>();
  for (const each of document.definitions) {
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, insideOfFragment(schema, each));
  }
  const defaults = defaultsOf(operation);
  const root = inside(schema, schema.getRootType(operation.operation), operation.selectionSet);

  return (variables) => {
    const given = { ...defaults, ...variables };
    const known = new Map<string, number>();
    const price = (of: Inside): number => {
      let total = 0;
      for (const field of of.fields) total += field.own + field.times(given) * price(field.inside);
      for (const name of of.spreads) total += priceOfFragment(name);
      return total;
    };
    // Fragments that multiply each other are priced once each, so pricing stays linear in the text.
    const priceOfFragment = (name: string): number => {
      const before = known.get(name);
      if (before !== undefined) return before;
      known.set(name, Number.POSITIVE_INFINITY);
      const fragment = fragments.get(name);
      const total = fragment === undefined ? 0 : price(fragment);
      known.set(name, total);
      return total;
    };
    return price(root);
  };
}

function insideOfFragment(schema: GraphQLSchema, fragment: FragmentDefinitionNode): Inside {
  return inside(schema, schema.getType(fragment.typeCondition.name.value), fragment.selectionSet);
}

function inside(schema: GraphQLSchema, type: GraphQLNamedType | null | undefined, set: SelectionSetNode | undefined): Inside {
  const fields: Node[] = [];
  const spreads: string[] = [];
  for (const each of set?.selections ?? []) {
    if (each.kind === Kind.FRAGMENT_SPREAD) {
      spreads.push(each.name.value);
    } else if (each.kind === Kind.INLINE_FRAGMENT) {
      const condition = each.typeCondition === undefined ? type : schema.getType(each.typeCondition.name.value);
      const nested = inside(schema, condition, each.selectionSet);
      fields.push(...nested.fields);
      spreads.push(...nested.spreads);
    } else if (each.name.value.startsWith('__')) {
      const own = each.name.value === '__schema' ? SCHEMA : each.name.value === '__type' ? ONE_TYPE : 0;
      fields.push({ own, times: () => 0, inside: { fields: [], spreads: [] } });
    } else {
      const field = fieldOf(type, each.name.value);
      if (field === undefined) continue;
      const held = getNamedType(field.type);
      fields.push({
        own: numberOf(field.extensions.cost) ?? (isCompositeType(held) ? 1 : 0),
        times: timesOf(field, each),
        inside: inside(schema, held, each.selectionSet),
      });
    }
  }
  return { fields, spreads };
}

function fieldOf(type: GraphQLNamedType | null | undefined, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

function timesOf(field: GraphQLField<unknown, unknown>, node: FieldNode): CostOf {
  const page = numberOf(field.extensions.page);
  const sizes = field.args
    .filter(({ name, type }) => name === 'first' || name === 'last' || isList(type))
    .map(({ name }) => name);
  if (page === undefined && sizes.length === 0) return isList(field.type) ? () => UNPAGED : () => 1;
  const asked = (node.arguments ?? []).filter(({ name }) => sizes.includes(name.value)).map(({ value }) => value);
  return (variables) => {
    const given = asked.map((value) => sizeOf(value, variables)).filter((size) => size !== null);
    return given.length === 0 ? (page ?? UNPAGED) : Math.max(...given);
  };
}

const isList = (type: GraphQLType): boolean => isListType(isNonNullType(type) ? type.ofType : type);

function sizeOf(value: ValueNode, variables: Variables): number | null {
  if (value.kind === Kind.INT) return Math.max(0, Number(value.value));
  if (value.kind === Kind.LIST) return value.values.length;
  if (value.kind !== Kind.VARIABLE) return null;
  const given = variables[value.name.value];
  return Array.isArray(given) ? given.length : typeof given === 'number' && Number.isFinite(given) ? Math.max(0, given) : null;
}

function defaultsOf(operation: OperationDefinitionNode): Variables {
  const defaults: Record<string, unknown> = Object.create(null);
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue?.kind === Kind.INT) defaults[variable.name.value] = Number(defaultValue.value);
  }
  return defaults;
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
