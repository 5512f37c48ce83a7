/** Someone who can be mentioned. */
export interface Nameable {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
}

/** A mention that is being typed. */
export interface Completion {
  /** Where its @ stands. */
  readonly start: number;
  /** What follows the @, in lower case. */
  readonly prefix: string;
}

/** The mention that is being typed at that place of a text, or null. */
export function completionAt(text: string, caret: number): Completion | null {
  const match = /(?:^|[\s(])@([\p{L}\p{N}._-]{0,32})$/u.exec(text.slice(0, caret));
  return match ? { start: caret - (match[1] ?? '').length - 1, prefix: (match[1] ?? '').toLowerCase() } : null;
}

/** Those whose username, or a word of whose name, begins so. */
export function matching<T extends Nameable>(people: readonly T[], prefix: string): T[] {
  return people.filter(({ username, displayName }) =>
    [username, ...displayName.split(/\s+/)].some((word) => word.toLowerCase().startsWith(prefix)),
  );
}
