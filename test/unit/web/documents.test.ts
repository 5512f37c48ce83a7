import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, type DocumentNode, Kind, NoUnusedFragmentsRule, specifiedRules, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { graphqlEnv, graphqlSchema } from '../../../scripts/graphql-env.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const schema = buildSchema(read('schema.graphql'));

const sources = readdirSync(path.join(root, 'web/src'), { recursive: true, encoding: 'utf8' })
  .map((file) => `web/src/${file.replaceAll('\\', '/')}`)
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));
const documentFiles = sources.filter((file) => file.endsWith('/documents.ts'));

function isDocument(value: unknown): value is DocumentNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === Kind.DOCUMENT;
}

async function documentsOf(file: string): Promise<[string, DocumentNode][]> {
  const module: Record<string, unknown> = await import(path.join(root, file));
  return Object.entries(module).flatMap(([name, value]) => (isDocument(value) ? [[name, value] as [string, DocumentNode]] : []));
}

describe("the web client's documents", () => {
  it('all stand in the files looked at here', () => {
    expect(documentFiles.length).toBeGreaterThan(2);
    const elsewhere = sources.filter((file) => !documentFiles.includes(file) && /\b(graphql|gql)\(?\s*`/.test(read(file)));
    expect(elsewhere).toEqual([]);
  });

  it.each(documentFiles)('%s fits the schema', async (file) => {
    const documents = await documentsOf(file);
    expect(documents.length).toBeGreaterThan(0);
    for (const [name, document] of documents) {
      const isOperation = document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION);
      // A fragment alone is there for others to use.
      const rules = isOperation ? specifiedRules : specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule);
      expect(
        validate(schema, document, rules).map(({ message }) => message),
        name,
      ).toEqual([]);
    }
  });

  it('get their types from the schema as it is now', () => {
    expect(read('web/src/graphql-env.d.ts'), 'out of date: npm run schema').toBe(graphqlEnv(read('schema.graphql')));
    expect(read('web/src/graphql-schema.json'), 'out of date: npm run schema').toBe(graphqlSchema(read('schema.graphql')));
  });
});
