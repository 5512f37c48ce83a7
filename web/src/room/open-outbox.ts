import { keep, recall } from '../base/keep.ts';
import type { Api } from '../data/api.ts';
import { backOff } from '../live/backoff.ts';
import { SendMessageMutation } from './documents.ts';
import { createOutbox, type Outbox, type Pending } from './outbox.ts';

/** The outbox of one session: it ends with it. What it has not sent stays in the browser for the next page of the same user. */
export function openOutbox({ client, closed, connection: { state } }: Api, userId: string): Outbox {
  const name = `outbox:${userId}`;
  const read = () => parsed(recall(name));
  const write = (list: readonly Pending[]) => keep(name, list.length === 0 ? null : JSON.stringify(list));
  return createOutbox({
    post: async ({ roomId, body, key, replyTo }) =>
      (await client.mutation(SendMessageMutation, { roomId, body, key, replyToId: replyTo?.id ?? null })).error,
    async backOff(tries, least) {
      let unwatch = () => {};
      await backOff(tries, least, ({ end }) => {
        // Where the line is back, so may be the rest.
        if (least === 0) unwatch = state.watch(() => state.get().is === 'live' && end());
      });
      unwatch();
    },
    closed,
    // Other pages of the same user may keep theirs beside: two that send the same make one message of it.
    left: read(),
    save: (entry) => {
      const list = read();
      const known = list.some(({ key }) => key === entry.key);
      write(known ? list.map((one) => (one.key === entry.key ? entry : one)) : [...list, entry]);
    },
    forget: (key) => {
      const list = read();
      if (list.some((one) => one.key === key)) write(list.filter((one) => one.key !== key));
    },
  });
}

function parsed(text: string | null): Pending[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list.filter(isPending) : [];
  } catch {
    return [];
  }
}

function isPending(value: unknown): value is Pending {
  if (typeof value !== 'object' || value === null) return false;
  return ['key', 'roomId', 'body'].every((name) => typeof Reflect.get(value, name) === 'string') && 'replyTo' in value;
}
