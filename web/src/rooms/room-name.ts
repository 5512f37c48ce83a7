import type { Me } from '../session/documents.ts';

interface Named {
  readonly kind: 'PUBLIC' | 'PRIVATE' | 'DIRECT';
  readonly name: string | null;
  readonly members: { readonly nodes: readonly { readonly user: { readonly id: string; readonly displayName: string } }[] };
}

/** What a room is called on the screen: a direct room after the other member. */
export function roomName(room: Named, me: Me): string {
  if (room.name !== null) return room.name;
  const other = room.members.nodes.find(({ user }) => user.id !== me.id);
  return other?.user.displayName ?? me.displayName;
}
