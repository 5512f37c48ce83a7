import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { createSchema } from '../src/schema/index.ts';

const file = path.resolve(import.meta.dirname, '../schema.graphql');
writeFileSync(file, `${printSchema(lexicographicSortSchema(createSchema()))}\n`);
console.log(`Written: ${path.basename(file)}`);
