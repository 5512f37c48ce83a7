import type { GraphQLSchema } from 'graphql';
import './scalars.ts';
import './node.ts';
import './user.ts';
import './room.ts';
import './viewer.ts';
import './query.ts';
import './auth.ts';
import './room-mutations.ts';
import './message-mutations.ts';
import './room-events.ts';
import './viewer-events.ts';
import './subscription.ts';
import { builder } from './builder.ts';

builder.mutationType({
  description:
    'What can be done. All of it but `signUp` and `signIn` asks to be signed in: UNAUTHENTICATED else. Several mutations in one operation run one after the other; one that fails does not undo those before it.',
});

/** The schema of the API. The same one each time. */
export function createSchema(): GraphQLSchema {
  schema ??= builder.toSchema();
  return schema;
}

let schema: GraphQLSchema | undefined;
