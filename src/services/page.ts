import { badInput } from '../domain/errors.ts';
import { parseCursor } from '../domain/position.ts';

/** Relay's arguments for walking forward, as a client gave them. */
export interface ForwardArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** Relay's arguments for walking either way. */
export interface PageArgs extends ForwardArgs {
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** One page of a longer list, with where it stands in it. */
export interface Page<T> {
  readonly edges: readonly { readonly node: T; readonly cursor: string }[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/** Items on a page where the client does not say. */
export const DEFAULT_PAGE = 50;

/** How many items to return: what was asked, 1 to `max`, else the default. Throws BAD_USER_INPUT naming the argument. */
export function pageSize(name: 'first' | 'last', asked: number | null | undefined, max: number, fallback = DEFAULT_PAGE): number {
  if (asked === null || asked === undefined) return Math.min(fallback, max);
  if (asked < 1 || asked > max) throw badInput(name, `Must be 1 to ${max}.`);
  return asked;
}

/** The number of the timeline entry a cursor names; null where none was given. Throws BAD_USER_INPUT naming the argument. */
export function parseTimelineCursor(name: 'after' | 'before', cursor: string | null | undefined): number | null {
  if (cursor === null || cursor === undefined) return null;
  const position = parseCursor(cursor);
  if (position === null) throw badInput(name, 'Not a cursor of this list.');
  return position.number;
}

/** The page with these edges. `end` overrides the cursor to go on from, for lists that left the last entries read out. */
export function pageOf<T>(
  edges: Page<T>['edges'],
  more: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly end?: string | null },
): Page<T> {
  return {
    edges,
    hasNextPage: more.hasNextPage,
    hasPreviousPage: more.hasPreviousPage,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: more.end ?? edges.at(-1)?.cursor ?? null,
  };
}
