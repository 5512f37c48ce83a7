import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './graphql-env.d.ts';

/** Makes a document whose result and variables have the types that the schema gives them. */
export const graphql = initGraphQLTada<{ introspection: introspection; scalars: { DateTime: string }; disableMasking: true }>();

export type { ResultOf, VariablesOf } from 'gql.tada';
