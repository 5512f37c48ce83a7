import { badInput } from '../domain/errors.ts';
import { codePoints } from '../domain/text.ts';
import type { DirectoryEntry, DirectoryName } from '../ports/directory.ts';
import type { Deps } from './deps.ts';
import { type ForwardArgs, type Page, pageOf, pageSize } from './page.ts';

/** The longest text to search for, in code points. */
export const SEARCH_MAX = 100;

/** What to search for and which page of it. */
export interface SearchArgs extends ForwardArgs {
  readonly search?: string | null | undefined;
}

/** The text to search for, or null for all. Throws BAD_USER_INPUT "search". */
export function parseSearch(search: string | null | undefined): string | null {
  if (search === null || search === undefined || search.trim() === '') return null;
  if (codePoints(search) > SEARCH_MAX) throw badInput('search', `Must be at most ${SEARCH_MAX} characters.`);
  if (!search.isWellFormed()) throw badInput('search', 'Contains half of a surrogate pair, which is not text.');
  return search;
}

/**
 * A page of the things a directory names. `load` gives the thing behind an entry, or null for one that does not belong in the list; such entries
 * leave the page shorter than asked, never end it.
 */
export async function listDirectory<T>(
  { store, config }: Pick<Deps, 'store' | 'config'>,
  directory: DirectoryName,
  args: SearchArgs,
  load: (entry: DirectoryEntry) => Promise<T | null>,
): Promise<Page<T>> {
  const search = parseSearch(args.search);
  const after = args.after ?? null;
  const limit = pageSize('first', args.first, config.limits.page);
  const { entries, hasMore } = await store.directory.list(directory, { search, after, limit });
  const nodes = await Promise.all(entries.map(load));
  const edges = entries.flatMap(({ cursor }, index) => {
    const node = nodes[index];
    return node === null || node === undefined ? [] : [{ node, cursor }];
  });
  return pageOf(edges, { hasNextPage: hasMore, hasPreviousPage: after !== null, end: entries.at(-1)?.cursor ?? null });
}
