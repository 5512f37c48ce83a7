import type { GenericFieldRef, ObjectRef } from '@pothos/core';
import type { Page } from '../resolvers/backing.ts';
import { builder, shared } from './builder.ts';

// A page has counted its items already; edges and nodes are two views of it.
const pageOfIts = { ...shared, page: 1 } as const;

/** The position of a page in its list. */
const PageInfoRef = builder.objectRef<Page<unknown>>('PageInfo').implement({
  description: 'Where a page lies in the list it was taken from.',
  fields: (t) => ({
    hasNextPage: t.boolean({
      description: 'Whether there is more behind this page. To read it: `first` with `after: endCursor`.',
      extensions: shared,
      resolve: (page) => page.hasNextPage,
    }),
    hasPreviousPage: t.boolean({
      description:
        'Whether there is more before this page. Where the list can be read backwards: `last` with `before: startCursor`. Lists that only go forward say true as soon as `after` was given.',
      extensions: shared,
      resolve: (page) => page.hasPreviousPage,
    }),
    startCursor: t.string({
      nullable: true,
      description: 'The cursor of the first item on the page; null where the page is empty.',
      extensions: shared,
      resolve: (page) => page.startCursor,
    }),
    endCursor: t.string({
      nullable: true,
      description: 'The cursor to go on from, that of the last item on the page; null where there is none.',
      extensions: shared,
      resolve: (page) => page.endCursor,
    }),
  }),
});

/** An item with its place in the list. */
export type Edge<T> = Page<T>['edges'][number];

/**
 * The types of a list of `node` that is read in pages, as Relay has them: `…Connection` and `…Edge`. `many` names the items in prose;
 * `nodeField` is the edge's field for the item, spelled out by the caller because Pothos cannot judge a field of a type not known yet.
 */
export function connection<T>(
  name: 'User' | 'Room' | 'Membership' | 'Message',
  many: string,
  node: ObjectRef<Types, T>,
  nodeField: (t: PothosSchemaTypes.ObjectFieldBuilder<Types, Edge<T>>, described: typeof itemOf) => GenericFieldRef<T>,
) {
  const edge = builder.objectRef<Edge<T>>(`${name}Edge`).implement({
    description: `One of the ${many} on a page, with its place in the list.`,
    fields: (t) => ({
      cursor: t.string({
        description: 'The place in the list, to be given as `after` or `before`. Opaque; it carries no authority.',
        extensions: shared,
        resolve: (each) => each.cursor,
      }),
      node: nodeField(t, itemOf),
    }),
  });
  return builder.objectRef<Page<T>>(`${name}Connection`).implement({
    description: `A page of ${many}. \`nodes\` and \`edges\` hold the same items; take \`edges\` to know the cursor of each.`,
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        description: 'The items with their cursors, in order.',
        extensions: pageOfIts,
        resolve: (page) => page.edges,
      }),
      nodes: t.field({
        type: [node],
        description: 'The items alone, in order.',
        extensions: pageOfIts,
        resolve: (page) => page.edges.map((each) => each.node),
      }),
      pageInfo: t.field({
        type: PageInfoRef,
        description: 'Where the page lies in the list.',
        extensions: shared,
        resolve: (page) => page,
      }),
    }),
  });
}

const itemOf = { description: 'The item itself.', extensions: shared } as const;

type Types = (typeof builder)['$inferSchemaTypes'];
