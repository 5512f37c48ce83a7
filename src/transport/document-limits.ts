import { type DocumentNode, type FragmentDefinitionNode, type GraphQLError, Kind, type SelectionSetNode, visit } from 'graphql';
import { refusal } from './refusal.ts';

/** How much of everything a document may hold; see config.document. */
export interface DocumentLimits {
  /** Levels of fields, one inside the other. */
  readonly depth: number;
  /** Renamed fields, `__typename` included. */
  readonly aliases: number;
  readonly directives: number;
}

// The standard introspection query needs 14 levels; graphql-js refuses its cycles by a rule of its own.
const INTROSPECTION_DEPTH = 20;

/**
 * The first limit that the document is over, or null. It looks at the text, before validation, in time linear in the text:
 * what fragments multiply is the business of the cost.
 */
export function overLimit(document: DocumentNode, limits: DocumentLimits): GraphQLError | null {
  const { aliases, directives } = count(document);
  const { data, introspection } = depths(document);
  return (
    over('levels of fields', data, limits.depth) ??
    over('levels of introspection', introspection, INTROSPECTION_DEPTH) ??
    over('aliases', aliases, limits.aliases) ??
    over('directives', directives, limits.directives)
  );
}

function over(what: string, found: number, allowed: number): GraphQLError | null {
  if (found <= allowed) return null;
  return refusal('TOO_LARGE', `The document has ${found} ${what}; at most ${allowed} are allowed.`, { field: 'query' });
}

function count(document: DocumentNode) {
  const found = { aliases: 0, directives: 0 };
  visit(document, {
    Field(node) {
      if (node.alias) found.aliases += 1;
    },
    Directive() {
      found.directives += 1;
    },
  });
  return found;
}

function depths(document: DocumentNode) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const known = new Map<string, number>();
  let introspection = 0;

  function ofFragment(name: string): number {
    const before = known.get(name);
    if (before !== undefined) return before;
    // A fragment inside itself adds nothing here; validation refuses it.
    known.set(name, 0);
    const fragment = fragments.get(name);
    const depth = fragment === undefined ? 0 : of(fragment.selectionSet);
    known.set(name, depth);
    return depth;
  }

  function of(set: SelectionSetNode): number {
    let deepest = 0;
    for (const each of set.selections) {
      if (each.kind === Kind.FRAGMENT_SPREAD) deepest = Math.max(deepest, ofFragment(each.name.value));
      else if (each.kind === Kind.INLINE_FRAGMENT) deepest = Math.max(deepest, of(each.selectionSet));
      else {
        const below = each.selectionSet === undefined ? 0 : of(each.selectionSet);
        if (each.name.value.startsWith('__')) introspection = Math.max(introspection, below + 1);
        else deepest = Math.max(deepest, below + 1);
      }
    }
    return deepest;
  }

  for (const each of document.definitions) if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  let data = 0;
  for (const each of document.definitions)
    if (each.kind === Kind.OPERATION_DEFINITION) data = Math.max(data, of(each.selectionSet));
  return { data, introspection };
}
