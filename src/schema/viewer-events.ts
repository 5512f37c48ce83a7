import type { ViewerDelivery } from '../resolvers/backing.ts';
import { contactUser, eventViewer, viewerEventType } from '../resolvers/subscriptions.ts';
import { builder, personal, personalRead } from './builder.ts';
import { MembershipRef, UserRef, ViewerRef } from './refs.ts';

type Delivery<T extends ViewerDelivery['type']> = Extract<ViewerDelivery, { type: T }>;
type WithMembership = Extract<ViewerDelivery, { membership: unknown }>;

const ViewerCaughtUp = builder.objectRef<Delivery<'viewer-caught-up'>>('ViewerCaughtUp').implement({
  description:
    'Sent once, first: from here on nothing is missed. Select the viewer’s fields here and one operation gives the snapshot and all that follows it.',
  fields: (t) => ({
    viewer: t.field({
      type: ViewerRef,
      description: 'The signed-in user and what is theirs.',
      extensions: personal,
      resolve: eventViewer,
    }),
  }),
});

const withMembership = (name: string, description: string, what: string) =>
  builder.objectRef<WithMembership>(name).implement({
    description,
    fields: (t) => ({
      membership: t.field({
        type: MembershipRef,
        description: what,
        extensions: personal,
        resolve: ({ membership }) => membership,
      }),
    }),
  });

const MembershipAdded = withMembership(
  'MembershipAdded',
  'The viewer joined a room or was added to it; also a direct room that someone opened.',
  'The new membership.',
);

const MembershipUpdated = withMembership(
  'MembershipUpdated',
  "The room's last message, the viewer's role, unread count or receipt changed. Bursts may be merged; the last state always arrives.",
  'The membership as it is now.',
);

const MembershipRemoved = builder.objectRef<Delivery<'membership-removed'>>('MembershipRemoved').implement({
  description: 'The viewer is no longer a member of a room.',
  fields: (t) => ({
    roomId: t.id({
      description: 'The id of the room. The room itself may be one the viewer can no longer see.',
      extensions: personal,
      resolve: ({ roomId }) => roomId,
    }),
  }),
});

const ContactPresenceChanged = builder.objectRef<Delivery<'contact-presence-changed'>>('ContactPresenceChanged').implement({
  description:
    'Someone with whom the viewer has a direct room came or went; also sent once for a direct room that is new. A signal: not kept, not replayed, bursts are merged to the last state, and one may be lost. So ask for `User.presence` when the subscription begins, and let this keep it true.',
  fields: (t) => ({
    user: t.field({
      type: UserRef,
      description: 'The other member of the direct room; `presence` is what the event tells.',
      extensions: personalRead,
      resolve: contactUser,
    }),
  }),
});

/** What can happen to a viewer. */
export const ViewerEvent = builder.unionType('ViewerEvent', {
  description:
    'Something that changed for the viewer, in whatever room. Members may be added: ignore a `__typename` that you do not know.',
  types: [ViewerCaughtUp, MembershipAdded, MembershipUpdated, MembershipRemoved, ContactPresenceChanged],
  resolveType: viewerEventType,
});
