interface Active {
  readonly room: { readonly id: string; readonly lastMessage: { readonly createdAt: string } | null };
}

/** The rooms in the order of the list: the one with the newest message first. */
export function inOrder<T extends Active>(memberships: readonly T[]): readonly T[] {
  return [...memberships].sort((a, b) => compare(latest(b), latest(a)));
}

// Instants in UTC with equal precision: they sort as text, and without the rules of any language, which take browsers long to load.
const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);
const latest = ({ room }: Active): string => room.lastMessage?.createdAt ?? '';
