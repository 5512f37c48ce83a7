interface Person {
  readonly id: string;
  readonly displayName: string;
}

interface Named {
  readonly kind: 'PUBLIC' | 'PRIVATE' | 'DIRECT';
  readonly name: string | null;
  readonly members: { readonly nodes: readonly { readonly user: Person }[] };
}

/** The other one in a direct room; null in any other room. */
export function otherIn<P extends Person>(
  room: { readonly kind: Named['kind']; readonly members: { readonly nodes: readonly { readonly user: P }[] } },
  me: { readonly id: string },
): P | null {
  if (room.kind !== 'DIRECT') return null;
  return room.members.nodes.find(({ user }) => user.id !== me.id)?.user ?? null;
}

/** What a room is called on the screen: a direct room after the other member. */
export function roomName(room: Named, me: Person): string {
  return room.name ?? otherIn(room, me)?.displayName ?? me.displayName;
}
