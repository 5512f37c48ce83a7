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
   * Files `id` under `name`, instead of whatever it was filed under before. Idempotent. `search` finds it by the start of any
   * word of `name` or of `alsoKnownAs` (words are split at white space, '.', '_' and '-'; comparison is by `fold`).
   */
  put(
    directory: DirectoryName,
    entry: { readonly id: string; readonly name: string; readonly alsoKnownAs?: string },
  ): Promise<void>;
  /** Takes `id` out. Idempotent. */
  remove(directory: DirectoryName, id: string): Promise<void>;
  /**
   * Entries in the order of folded name, then id; with `search` those with a word sequence starting so, ordered by where
   * they match. Each id at most once. Cost grows with `limit` only. An unreadable `after` throws BAD_USER_INPUT "after".
   */
  list(
    directory: DirectoryName,
    query: { readonly search: string | null; readonly after: string | null; readonly limit: number },
  ): Promise<{ readonly entries: readonly DirectoryEntry[]; readonly hasMore: boolean }>;
}
