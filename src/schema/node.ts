import { messageId } from '../domain/ids.ts';
import type { NodeBacking } from '../resolvers/backing.ts';
import { nodeType } from '../resolvers/query.ts';
import { shared } from './builder.ts';
import { NodeRef } from './refs.ts';

const idOf = (node: NodeBacking): string => ('id' in node ? node.id : messageId(node));

NodeRef.implement({
  description: 'Anything that can be fetched again by its id with `node`.',
  resolveType: nodeType,
  fields: (t) => ({
    id: t.id({
      description:
        'Globally unique over all types, opaque to clients, stable for ever. It carries no authority: what it names is shown only to those who may see it.',
      extensions: shared,
      resolve: idOf,
    }),
  }),
});
