import type { Member, Message } from './documents.ts';

/** How far back it is looked for what a member wrote themselves. */
const BACK = 200;

/** Who of the others has read up to which message: whoever wrote something has read what came before it. */
export function readersOf(
  members: readonly Member[],
  messages: readonly Message[],
  indexOf: (id: string) => number,
  meId: string,
): ReadonlyMap<string, readonly Member[]> {
  const wrote = new Map<string, number>();
  for (let at = Math.max(0, messages.length - BACK); at < messages.length; at += 1) {
    const message = messages[at];
    if (message?.kind === 'TEXT' && message.author) wrote.set(message.author.id, at);
  }
  const readers = new Map<string, Member[]>();
  for (const member of members) {
    if (member.user.id === meId || member.lastReadMessageId === null) continue;
    const read = indexOf(member.lastReadMessageId);
    if (read < 0 || read <= (wrote.get(member.user.id) ?? -1)) continue;
    readers.set(member.lastReadMessageId, [...(readers.get(member.lastReadMessageId) ?? []), member]);
  }
  return readers;
}
