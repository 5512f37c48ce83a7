// Writes web/src/graphql-env.d.ts, from which the web client's documents get their types, out of schema.graphql.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { buildSchema, introspectionFromSchema } from 'graphql';

const root = path.resolve(import.meta.dirname, '..');
const file = path.join(root, 'web/src/graphql-env.d.ts');

/** The text of web/src/graphql-env.d.ts for this schema. */
export function graphqlEnv(schema: string): string {
  const introspection = minifyIntrospection(introspectionFromSchema(buildSchema(schema)));
  const text = outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true });
  return `// Made from schema.graphql by scripts/graphql-env.ts.\n${text.slice(text.indexOf('export type'))}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(file, graphqlEnv(await readFile(path.join(root, 'schema.graphql'), 'utf8')));
}
