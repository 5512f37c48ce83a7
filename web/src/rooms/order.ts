interface Active {
  readonly room: { readonly id: string; readonly lastMessage: { readonly createdAt: string } | null };
}

/** The rooms in the order of the list: the one with the newest message first. */
export function inOrder<T extends Active>(memberships: readonly T[]): readonly T[] {
  return [...memberships].sort((a, b) => latest(b).localeCompare(latest(a)));
}

// Instants in UTC with equal precision: they sort as text.
const latest = ({ room }: Active): string => room.lastMessage?.createdAt ?? '';
