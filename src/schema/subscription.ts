import { roomEvent, subscribeRoomEvents, subscribeViewerEvents } from '../resolvers/subscriptions.ts';
import { builder, personal, shared } from './builder.ts';
import { RoomEventRef } from './refs.ts';
import { ViewerEvent } from './viewer-events.ts';

builder.subscriptionType({
  description:
    'What can be followed, over WebSocket (graphql-transport-ws) or server-sent events. Both ask to be signed in: UNAUTHENTICATED else.',
  fields: (t) => ({
    roomEvents: t.field({
      type: RoomEventRef,
      description:
        'All that happens in one room. With `after`: first what was missed since that cursor, then CaughtUp, then live; in order, every message once, none missing, whatever happened to connections in between; or a Reset that says so. Without: CaughtUp at once, then live. Members only: FORBIDDEN for a public room not joined, NOT_FOUND for any other. Ends with FORBIDDEN when the viewer stops being a member. A reader who is too slow has the connection closed with 4410 and resumes with `after`.',
      args: {
        roomId: t.arg.id({ required: true, description: 'The id of the room.' }),
        after: t.arg.string({
          description:
            'The cursor to go on from: of an event, a message or the room. Unreadable: BAD_USER_INPUT; outdated: Reset.',
        }),
      },
      extensions: shared,
      subscribe: subscribeRoomEvents,
      resolve: roomEvent,
    }),
    viewerEvents: t.field({
      type: ViewerEvent,
      description:
        'What changes for the viewer over all rooms: memberships gained and lost, unread counts, receipts, and who of those in the viewer’s direct rooms comes and goes. ViewerCaughtUp comes first, once; after a pause subscribe again and take the state from there.',
      extensions: personal,
      subscribe: subscribeViewerEvents,
      resolve: (delivery) => delivery,
    }),
  }),
});
