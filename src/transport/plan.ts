import {
  type DirectiveNode,
  type DocumentNode,
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  type ValueNode,
  visit,
} from 'graphql';
import { type CoerceVariables, coercionOf } from './coercion.ts';

/** What a type asks of a value, found out once. */
export type Shape =
  | { readonly kind: 'required'; readonly of: Shape }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'leaf'; readonly type: GraphQLLeafType }
  | { readonly kind: 'abstract'; readonly type: GraphQLAbstractType }
  | { readonly kind: 'object'; readonly type: GraphQLObjectType };

/** An argument that is given as a variable. */
export interface PlannedArgument {
  readonly name: string;
  readonly variable: string;
}

/** A field of a result: all places of the document that ask for it under one name. */
export interface PlannedField {
  readonly name: string;
  readonly nodes: readonly [FieldNode, ...FieldNode[]];
  readonly parent: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  /** Its arguments, where all that are given are variables; null where they must be made out of the document. */
  readonly args: readonly PlannedArgument[] | null;
  readonly shape: Shape;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
}

/** What one operation asks for with given variables, collected once instead of for every object of every result. */
export interface Plan {
  readonly root: readonly PlannedField[];
  /** What is asked of an object of that type under that field. */
  inside(field: PlannedField, type: GraphQLObjectType): readonly PlannedField[];
}

/** An operation that plans can be made of. */
export interface PlannedOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Null where graphql-js coerces its variables. */
  readonly coerce: CoerceVariables | null;
  /** Its plan with these variables, coerced; null where one that decides what is asked for is neither true nor false. */
  planFor(variables: Values): Plan | null;
}

type Values = Readonly<Record<string, unknown>>;

// Fragments inside fragments multiply: what is beyond this is collected anew each time.
const REMEMBERED = 1000;
// Each variable that decides what is asked for doubles the plans there may be.
const CONDITIONS = 3;

/**
 * Prepares an operation; null where it holds directives other than `@skip` and `@include` or too many of these, introspection, or names that objects have a
 * use of their own for.
 */
export function plannedOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): PlannedOperation | null {
  const rootType = schema.getRootType(operation.operation);
  const conditions = conditionsOf(document);
  if (!rootType || conditions === null) return null;
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const each of document.definitions) if (each.kind === Kind.FRAGMENT_DEFINITION) fragments[each.name.value] = each;
  const plans = new Map<string, Plan>();

  return {
    operation,
    fragments,
    coerce: coercionOf(schema, operation),
    planFor(variables) {
      const values = conditions.map((name) => variables[name]);
      const key = values.join();
      const before = plans.get(key);
      if (before) return before;
      if (!values.every((value) => typeof value === 'boolean')) return null;
      const plan = makePlan(schema, rootType, operation, fragments, variables);
      plans.set(key, plan);
      return plan;
    },
  };
}

function makePlan(
  schema: GraphQLSchema,
  rootType: GraphQLObjectType,
  operation: OperationDefinitionNode,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
  variables: Values,
): Plan {
  const shapes = new Map<GraphQLOutputType, Shape>();
  const known = new Map<PlannedField, Map<GraphQLObjectType, readonly PlannedField[]>>();
  let remembered = 0;

  function plan(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): PlannedField[] {
    const groups = new Map<string, [FieldNode, ...FieldNode[]]>();
    const visited = new Set<string>();
    for (const set of sets) collect(type, set, groups, visited);
    return [...groups].flatMap(([name, nodes]) => {
      const definition = nodes[0].name.value === '__typename' ? TypeNameMetaFieldDef : type.getFields()[nodes[0].name.value];
      if (!definition) return [];
      const resolve = definition.resolve ?? defaultFieldResolver;
      const args = argumentsOf(definition, nodes[0]);
      return [{ name, nodes, parent: type, definition, args, shape: shapeOf(definition.type), resolve }];
    });
  }

  function collect(
    type: GraphQLObjectType,
    set: SelectionSetNode,
    groups: Map<string, [FieldNode, ...FieldNode[]]>,
    visited: Set<string>,
  ): void {
    for (const each of set.selections) {
      if (!isIncluded(each, variables)) continue;
      if (each.kind === Kind.FIELD) {
        const name = each.alias?.value ?? each.name.value;
        const group = groups.get(name);
        if (group) group.push(each);
        else groups.set(name, [each]);
      } else if (each.kind === Kind.INLINE_FRAGMENT) {
        if (applies(each.typeCondition, type)) collect(type, each.selectionSet, groups, visited);
      } else if (!visited.has(each.name.value)) {
        visited.add(each.name.value);
        const fragment = fragments[each.name.value];
        if (fragment && applies(fragment.typeCondition, type)) collect(type, fragment.selectionSet, groups, visited);
      }
    }
  }

  function applies(condition: NamedTypeNode | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition.name.value === type.name) return true;
    const named = schema.getType(condition.name.value);
    return isAbstractType(named) && schema.isSubType(named, type);
  }

  function shapeOf(type: GraphQLOutputType): Shape {
    const shape = shapes.get(type) ?? makeShape(type);
    shapes.set(type, shape);
    return shape;
  }

  function makeShape(type: GraphQLOutputType): Shape {
    if (isNonNullType(type)) return { kind: 'required', of: shapeOf(type.ofType) };
    if (isListType(type)) return { kind: 'list', of: shapeOf(type.ofType) };
    if (isLeafType(type)) return { kind: 'leaf', type };
    return isAbstractType(type) ? { kind: 'abstract', type } : { kind: 'object', type };
  }

  return {
    root: plan(rootType, [operation.selectionSet]),
    inside(field, type) {
      const byType = known.get(field);
      const before = byType?.get(type);
      if (before) return before;
      const fields = plan(
        type,
        field.nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
      );
      remembered += fields.length;
      if (remembered > REMEMBERED) return fields;
      if (byType) byType.set(type, fields);
      else known.set(field, new Map([[type, fields]]));
      return fields;
    },
  };
}

function argumentsOf({ args }: GraphQLField<unknown, unknown>, { arguments: given = [] }: FieldNode): PlannedField['args'] {
  const planned: PlannedArgument[] = [];
  for (const { name, value } of given) {
    if (value.kind !== Kind.VARIABLE) return null;
    planned.push({ name: name.value, variable: value.name.value });
  }
  const isLeftOut = ({ name, defaultValue, type }: GraphQLArgument) =>
    (defaultValue === undefined && !isNonNullType(type)) || planned.some((argument) => argument.name === name);
  return args.every(isLeftOut) ? planned : null;
}

/** The variables that decide what is asked for; null where no plan can be made. */
function conditionsOf(document: DocumentNode): readonly string[] | null {
  const names = new Set<string>();
  let plain = true;
  visit(document, {
    Directive(node) {
      const value = conditionOf(node);
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
      else if (value?.kind !== Kind.BOOLEAN) plain = false;
    },
    Field({ name, alias }) {
      if (/^__(schema|type)$/.test(name.value) || alias?.value === '__proto__') plain = false;
    },
  });
  return plain && names.size <= CONDITIONS ? [...names] : null;
}

/** What `if` of `@skip` or `@include` is; undefined for other directives. */
const conditionOf = ({ name, arguments: given = [] }: DirectiveNode): ValueNode | undefined =>
  name.value === 'skip' || name.value === 'include' ? given.find((each) => each.name.value === 'if')?.value : undefined;

function isIncluded({ directives = [] }: SelectionNode, variables: Values): boolean {
  return directives.every((directive) => {
    const value = conditionOf(directive);
    const holds =
      value?.kind === Kind.VARIABLE ? variables[value.name.value] === true : value?.kind === Kind.BOOLEAN && value.value;
    return holds === (directive.name.value === 'include');
  });
}
