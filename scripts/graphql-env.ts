// Writes two files out of schema.graphql: web/src/graphql-env.d.ts, from which the web client's documents get their types, and
// web/src/graphql-schema.json, from which its cache knows what lies behind interfaces and what may be null.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { buildSchema, type IntrospectionTypeRef, introspectionFromSchema } from 'graphql';

const root = path.resolve(import.meta.dirname, '..');
const types = path.join(root, 'web/src/graphql-env.d.ts');
const introspected = path.join(root, 'web/src/graphql-schema.json');

/** The text of web/src/graphql-env.d.ts for this schema. */
export function graphqlEnv(schema: string): string {
  const introspection = minifyIntrospection(introspectionFromSchema(buildSchema(schema)));
  const text = outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true });
  return `// Made from schema.graphql by scripts/graphql-env.ts.\n${text.slice(text.indexOf('export type'))}`;
}

/** The text of web/src/graphql-schema.json for this schema: the types that results are made of, without words and inputs. */
export function graphqlSchema(schema: string): string {
  const { __schema } = introspectionFromSchema(buildSchema(schema), { descriptions: false });
  const types = __schema.types.flatMap((type): object[] => {
    if (type.name.startsWith('__')) return [];
    if (type.kind === 'UNION') return [{ kind: type.kind, name: type.name, possibleTypes: type.possibleTypes.map(reference) }];
    if (type.kind !== 'OBJECT' && type.kind !== 'INTERFACE') return [];
    const fields = type.fields.map((field) => ({ name: field.name, args: [], type: nullability(field.type) }));
    const interfaces = type.interfaces.map(reference);
    if (type.kind === 'OBJECT') return [{ kind: type.kind, name: type.name, fields, interfaces }];
    return [{ kind: type.kind, name: type.name, fields, interfaces, possibleTypes: type.possibleTypes.map(reference) }];
  });
  const roots = { queryType: { name: 'Query' }, mutationType: { name: 'Mutation' }, subscriptionType: { name: 'Subscription' } };
  return `${JSON.stringify({ __schema: { ...roots, types } })}\n`;
}

const reference = ({ kind, name }: { readonly kind: string; readonly name: string }) => ({ kind, name });

/** Of a field's type: what may be null, and the name at its core where that is made of fields. */
function nullability(type: IntrospectionTypeRef): unknown {
  if ('ofType' in type && type.ofType) return { kind: type.kind, ofType: nullability(type.ofType) };
  if (!('name' in type)) return null;
  return type.kind === 'SCALAR' || type.kind === 'ENUM' ? { kind: 'SCALAR', name: 'Any' } : reference(type);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const schema = await readFile(path.join(root, 'schema.graphql'), 'utf8');
  await writeFile(types, graphqlEnv(schema));
  await writeFile(introspected, graphqlSchema(schema));
}
