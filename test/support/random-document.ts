import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isObjectType,
  isScalarType,
} from 'graphql';
import type { Random } from './random.ts';

/** What documents are made of. */
export interface DocumentTaste {
  /** Which fields may be asked for. */
  readonly mayAsk: (field: GraphQLField<unknown, unknown>) => boolean;
  readonly depth: number;
}

const fieldsOf = (type: GraphQLNamedType) =>
  'getFields' in type ? (Object.values(type.getFields()) as GraphQLField<unknown, unknown>[]) : [];

/** A random selection of that type's fields, with aliases, arguments, fragments on possible types and directives as chance has them. */
export function randomSelection(schema: GraphQLSchema, type: GraphQLNamedType, random: Random, taste: DocumentTaste): string {
  let names = 0;
  const bare = random.chance(0.2);

  function argument(field: GraphQLField<unknown, unknown>): string {
    const said = field.args.flatMap(({ name, type: wanted }) => {
      const of = getNamedType(wanted);
      const optional = !String(wanted).endsWith('!');
      if (optional && random.chance(0.6)) return [];
      if (name === 'last' && field.args.some((each) => each.name === 'first')) return [];
      if (isScalarType(of) && of.name === 'Int') return [`${name}: ${random.chance(0.3) ? '$few' : 1 + random.below(3)}`];
      if (isEnumType(of)) return [`${name}: ${random.pick(of.getValues()).name}`];
      return [];
    });
    return said.length === 0 ? '' : `(${said.join(', ')})`;
  }

  const directive = () => (random.chance(0.05) ? ' @include(if: $yes)' : random.chance(0.03) ? ' @skip(if: $yes)' : '');

  function select(of: GraphQLNamedType, depth: number): string {
    const parts = [random.chance(0.5) ? '__typename' : ''];
    const fields = fieldsOf(of).filter((field) => taste.mayAsk(field) && (depth > 1 || isLeafType(getNamedType(field.type))));
    for (const field of fields) {
      if (!random.chance(isLeafType(getNamedType(field.type)) ? 0.5 : 0.35)) continue;
      names += 1;
      // Bare names in fragments of several types are often a conflict.
      const alias = bare ? '' : `a${names}: `;
      const inner = isLeafType(getNamedType(field.type)) ? '' : ` ${select(getNamedType(field.type), depth - 1)}`;
      // Without an alias the same field with other arguments would be a conflict.
      const said = argument(field);
      parts.push(`${alias || (said ? `b${names}: ` : '')}${field.name}${said}${directive()}${inner}`);
    }
    if (isAbstractType(of))
      for (const possible of schema.getPossibleTypes(of))
        if (isObjectType(possible) && random.chance(0.6))
          parts.push(`... on ${possible.name}${directive()} ${select(possible, depth)}`);
    const said = parts.filter(Boolean);
    return `{ ${said.length > 0 ? said.join(' ') : '__typename'} }`;
  }

  return select(type, taste.depth);
}
