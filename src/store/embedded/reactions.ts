import { DomainError } from '../../domain/errors.ts';
import { type Message, REACTION_PREVIEW, type Reaction } from '../../domain/message.ts';
import type { Embedded } from './database.ts';
import { under } from './tables.ts';

/** Adds the reaction inside a step; `order` is greater than that of every reaction before. Null where the user has it already. */
export function addReaction(
  { tables }: Embedded,
  { roomId, number, reactions }: Message,
  { userId, emoji, order, maxEmojis }: { userId: string; emoji: string; order: number; maxEmojis: number },
): readonly Reaction[] | null {
  if (tables.reacted.get([roomId, number, emoji, userId]) !== undefined) return null;
  const existing = reactions.find((reaction) => reaction.emoji === emoji);
  if (!existing && reactions.length >= maxEmojis) {
    throw new DomainError('TOO_LARGE', `A message carries at most ${maxEmojis} different emoji.`);
  }
  tables.reactors.putSync([roomId, number, emoji, order], userId);
  tables.reacted.putSync([roomId, number, emoji, userId], order);
  if (!existing) return [...reactions, { emoji, count: 1, firstUserIds: [userId] }];
  const firstUserIds = [...existing.firstUserIds, userId].slice(0, REACTION_PREVIEW);
  return reactions.map((each) => (each === existing ? { emoji, count: each.count + 1, firstUserIds } : each));
}

/** Takes the reaction back inside a step. Null where the user does not have it. */
export function removeReaction(
  store: Embedded,
  { roomId, number, reactions }: Message,
  { userId, emoji }: { userId: string; emoji: string },
): readonly Reaction[] | null {
  const order = store.tables.reacted.get([roomId, number, emoji, userId]);
  if (order === undefined) return null;
  store.tables.reacted.removeSync([roomId, number, emoji, userId]);
  store.tables.reactors.removeSync([roomId, number, emoji, order]);
  const firstUserIds = firstReactors(store, roomId, number, emoji, REACTION_PREVIEW);
  return reactions
    .map((each) => (each.emoji === emoji ? { emoji, count: each.count - 1, firstUserIds } : each))
    .filter((each) => each.count > 0);
}

/** Who reacted with that emoji, the first first. */
export const firstReactors = ({ tables }: Embedded, roomId: string, number: number, emoji: string, limit: number): string[] =>
  [...tables.reactors.getRange({ ...under(roomId, number, emoji), limit })].map(({ value }) => value);
