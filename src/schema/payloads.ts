import type { Membership, MessageBacking, RoomHandle } from '../resolvers/backing.ts';
import { builder, personal } from './builder.ts';
import { MembershipRef, MessageRef, RoomRef } from './refs.ts';

/** The one argument of every mutation, besides its type. */
export const inputArg = { required: true, description: 'What to do, and to what.' } as const;

/** A payload that holds a room. `what` says which. */
export const roomPayload = (name: string, what: string) =>
  builder.objectRef<{ readonly room: RoomHandle }>(name).implement({
    description: 'The outcome.',
    fields: (t) => ({ room: t.field({ type: RoomRef, description: what, extensions: personal, resolve: ({ room }) => room }) }),
  });

/** A payload that holds a membership. `what` says which. */
export const membershipPayload = (name: string, what: string) =>
  builder.objectRef<{ readonly membership: Membership }>(name).implement({
    description: 'The outcome.',
    fields: (t) => ({
      membership: t.field({
        type: MembershipRef,
        description: what,
        extensions: personal,
        resolve: ({ membership }) => membership,
      }),
    }),
  });

/** A payload that holds a message. `what` says which. */
export const messagePayload = (name: string, what: string) =>
  builder.objectRef<{ readonly message: MessageBacking }>(name).implement({
    description: 'The outcome.',
    fields: (t) => ({
      message: t.field({ type: MessageRef, description: what, extensions: personal, resolve: ({ message }) => message }),
    }),
  });
