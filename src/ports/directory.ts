/** The two things that can be listed and searched by name. */
export type DirectoryName = 'users' | 'rooms';

/** One listed thing. */
export interface DirectoryEntry {
  readonly id: string;
  /** The name it is filed under, as last told; it may lag behind the thing itself, which is the truth. */
  readonly name: string;
  /** Goes into `after` to continue behind this entry. Opaque, stable, carries no authority. */
  readonly cursor: string;
}

/** Names in order, for lists and search. An index: whoever reads it loads the things themselves and repairs what lags. */
export interface Directory {
  /**
   * Files `id` under `name`, instead of whatever it was filed under before. Idempotent. `search` finds it by the start of any of
   * its `searchForms(name, alsoKnownAs)`.
   */
  put(
    directory: DirectoryName,
    entry: { readonly id: string; readonly name: string; readonly alsoKnownAs?: string },
  ): Promise<void>;
  /** Takes `id` out. Idempotent. */
  remove(directory: DirectoryName, id: string): Promise<void>;
  /**
   * Entries in the order of `sortForm(name)`, then id. With `search`: those with a search form that starts with `sortForm(search)`, in the
   * order of the first such form, then id, so each id once, over all pages. All order is that of code points (of UTF-8 bytes). A search that is
   * '' when folded is none. Cost grows with `limit` only (at least 1). An unreadable `after` throws BAD_USER_INPUT "after".
   */
  list(
    directory: DirectoryName,
    query: { readonly search: string | null; readonly after: string | null; readonly limit: number },
  ): Promise<{ readonly entries: readonly DirectoryEntry[]; readonly hasMore: boolean }>;
}
