import { useCallback, useEffect, useState } from 'react';
import { useClient } from 'urql';
import { createStore, useStore } from '../base/store.ts';
import { textOf } from '../errors.ts';
import { reactedBy } from '../message/reactions.tsx';
import { useHere } from '../session/here.ts';
import { AddReactionMutation, type Message, RemoveReactionMutation, ViewerReactionsQuery } from './documents.ts';
import type { Timeline } from './timeline.ts';

type Reaction = Message['reactions'][number];
const nameOf = (messageId: string, emoji: string): string => `${messageId} ${emoji}`;

/** The viewer's own reactions in a room. */
export function useReactions(timeline: Timeline): {
  /** Whether the viewer reacted so. */
  readonly mine: (message: Message, emoji: string) => boolean;
  /** Adds the viewer's emoji, or takes it back; with `only` it adds. On the screen at once; taken back where the server refuses. */
  readonly toggle: (message: Message, emoji: string, only?: boolean) => void;
} {
  const { me, toast } = useHere();
  const client = useClient();
  // Of those too many to be named the server tells, once per message and count.
  const [told] = useState(() => createStore<ReadonlyMap<string, boolean>>(new Map()));
  const known = useStore(told);
  const { shown } = useStore(timeline);

  useEffect(() => {
    const unsure = shown.messages
      .slice(-200)
      .filter((message) => message.reactions.some((one) => isUnsure(one, me.id) && !known.has(nameOf(message.id, one.emoji))));
    if (unsure.length === 0) return;
    let over = false;
    const ids = unsure.slice(0, 100).map(({ id }) => id);
    void client.query(ViewerReactionsQuery, { ids }, { requestPolicy: 'network-only' }).then(({ data }) => {
      if (over || !data) return;
      const now = new Map(told.get());
      for (const node of data.nodes) {
        if (node && 'reactions' in node) for (const one of node.reactions) now.set(nameOf(node.id, one.emoji), one.viewerReacted);
      }
      told.set(now);
    });
    return () => {
      over = true;
    };
  }, [client, shown, known, told, me.id]);

  const mine = useCallback(
    (message: Message, emoji: string) => {
      const reaction = message.reactions.find((one) => one.emoji === emoji);
      if (!reaction) return false;
      return isUnsure(reaction, me.id) ? (known.get(nameOf(message.id, emoji)) ?? false) : reactedBy(reaction, me.id);
    },
    [known, me.id],
  );

  const toggle = useCallback(
    async (message: Message, emoji: string, only = false) => {
      const has = mine(message, emoji);
      if (has && only) return;
      const put = (next: Message) => {
        timeline.replace(next);
        timeline.flush();
      };
      const asked = {
        ...message,
        reactions: has ? without(message.reactions, emoji, me.id) : withOwn(message.reactions, emoji, me),
      };
      put(asked);
      told.set(new Map(told.get()).set(nameOf(message.id, emoji), !has));
      const variables = { messageId: message.id, emoji };
      const { data, error } = has
        ? await client.mutation(RemoveReactionMutation, variables)
        : await client.mutation(AddReactionMutation, variables);
      const stored = data && ('addReaction' in data ? data.addReaction : data.removeReaction).message;
      const now = timeline.find(message.id);
      // The answer, which comes another way, may be older than events that have come since.
      if (now === asked) put(stored ?? message);
      if (!error) return;
      if (now && now !== asked && !has && mine(now, emoji)) put({ ...now, reactions: without(now.reactions, emoji, me.id) });
      told.set(new Map(told.get()).set(nameOf(message.id, emoji), has));
      toast(textOf(error));
    },
    [client, me, mine, timeline, toast, told],
  );
  return { mine, toggle };
}

/** Whether there are more users than are named, so that the viewer may be among them. */
const isUnsure = (reaction: Reaction, meId: string): boolean =>
  reaction.count > reaction.users.length && !reactedBy(reaction, meId);

function withOwn(reactions: readonly Reaction[], emoji: string, me: Reaction['users'][number]): Reaction[] {
  const own = { id: me.id, displayName: me.displayName };
  if (!reactions.some((one) => one.emoji === emoji)) return [...reactions, { emoji, count: 1, users: [own] }];
  return reactions.map((one) => (one.emoji === emoji ? { ...one, count: one.count + 1, users: [...one.users, own] } : one));
}

function without(reactions: readonly Reaction[], emoji: string, meId: string): Reaction[] {
  return reactions
    .map((one) =>
      one.emoji === emoji ? { ...one, count: one.count - 1, users: one.users.filter(({ id }) => id !== meId) } : one,
    )
    .filter(({ count }) => count > 0);
}
