import { backOff } from '../live/backoff.ts';
import type { Api } from '../urql.ts';
import { SendMessageMutation } from './documents.ts';
import { createOutbox, type Outbox } from './outbox.ts';

/** The outbox of one session: it ends with it. */
export function openOutbox({ client, closed }: Api): Outbox {
  return createOutbox({
    post: async ({ roomId, body, key }) => (await client.mutation(SendMessageMutation, { roomId, body, key })).error,
    backOff,
    closed,
  });
}
