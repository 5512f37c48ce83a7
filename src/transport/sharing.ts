import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Prepared } from './documents.ts';

/** Subscriptions that one result can serve: the same document, operation and variables on the same room. */
export interface Sharing {
  /** Equal for all of one group. */
  readonly key: string;
  readonly roomId: string;
}

/** Says which group a subscription with these variables (coerced) belongs to; null where its results depend on who asks. */
export type SharingOf = (prepared: Prepared, variables: Readonly<Record<string, unknown>>) => Sharing | null;

interface Shareable {
  readonly id: number;
  readonly field: FieldNode;
  /** The variables that results depend on: all but those that only say where to begin. */
  readonly names: readonly string[];
}

// Where a reader begins changes what it is shown first, not how any event is shown.
const BEGINNING = new Set(['after']);

/**
 * Reads off the schema's marks what may be shared: a subscription to one room's events in which every field is marked `shared`, that is, the same for
 * every member. A field without the mark makes the whole document one of its viewer.
 */
export function createSharing(schema: GraphQLSchema): SharingOf {
  const known = new WeakMap<DocumentNode, Map<string, Shareable | null>>();
  let last = 0;

  function analyse(document: DocumentNode, operation: OperationDefinitionNode): Shareable | null {
    const [field, ...others] = operation.selectionSet.selections;
    if (operation.operation !== 'subscription' || others.length > 0 || field?.kind !== Kind.FIELD) return null;
    if (field.name.value !== 'roomEvents') return null;
    const names = sharedVariables(schema, document);
    if (names === null) return null;
    last += 1;
    return { id: last, field, names };
  }

  function shareableOf({ document, operationName }: Prepared): Shareable | null {
    const byName = known.get(document) ?? new Map<string, Shareable | null>();
    known.set(document, byName);
    const name = operationName ?? '';
    const before = byName.get(name);
    if (before !== undefined) return before;
    const operation = getOperationAST(document, operationName);
    const shareable = operation ? analyse(document, operation) : null;
    byName.set(name, shareable);
    return shareable;
  }

  return (prepared, variables) => {
    const shareable = shareableOf(prepared);
    const definition = schema.getSubscriptionType()?.getFields()[shareable?.field.name.value ?? ''];
    if (!shareable || !definition) return null;
    const { roomId } = getArgumentValues(definition, shareable.field, variables);
    const values = shareable.names.map((name) => variables[name] ?? null);
    return { key: `${shareable.id} ${roomId} ${JSON.stringify(values)}`, roomId: String(roomId) };
  };
}

/** The variables used anywhere but to say where to begin; null where a field is not marked as shared. */
function sharedVariables(schema: GraphQLSchema, document: DocumentNode): string[] | null {
  const types = new TypeInfo(schema);
  const names = new Set<string>();
  let shared = true;
  visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        const marks = types.getFieldDef()?.extensions;
        if (node.name.value !== '__typename' && marks?.shared !== true) shared = false;
      },
      Argument(node) {
        const onRoot = types.getParentType() === schema.getSubscriptionType();
        return onRoot && BEGINNING.has(node.name.value) ? false : undefined;
      },
      VariableDefinition: () => false,
      Variable(node) {
        names.add(node.name.value);
      },
    }),
  );
  return shared ? [...names].sort() : null;
}
