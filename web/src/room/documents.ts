import { graphql, type ResultOf } from '../graphql.ts';

export const MessageParts = graphql(`
  fragment MessageParts on Message {
    id
    kind
    body
    createdAt
    editedAt
    deletedAt
    idempotencyKey
    author {
      id
      displayName
    }
  }
`);

// The newest entries, where an event itself does not carry the system message that tells of it.
const RoomTail = graphql(
  `
    fragment RoomTail on Room {
      memberCount
      messages(last: 5) {
        nodes {
          ...MessageParts
        }
      }
    }
  `,
  [MessageParts],
);

const RoomSnapshot = graphql(
  `
    fragment RoomSnapshot on Room {
      memberCount
      messages(last: 50) {
        nodes {
          ...MessageParts
        }
        pageInfo {
          hasPreviousPage
          startCursor
        }
      }
    }
  `,
  [MessageParts],
);

/** One operation for what is there and all that follows. `snapshot` is true the first time; see live/resume.ts. */
export const RoomEventsSubscription = graphql(
  `
    subscription RoomEvents($roomId: ID!, $after: String, $snapshot: Boolean!) {
      roomEvents(roomId: $roomId, after: $after) {
        __typename
        cursor
        ... on CaughtUp {
          room {
            id
            ...RoomSnapshot @include(if: $snapshot)
          }
        }
        ... on Reset {
          reason
          room {
            ...RoomSnapshot
          }
        }
        ... on MessageSent {
          message {
            ...MessageParts
          }
        }
        ... on MessageUpdated {
          message {
            ...MessageParts
          }
        }
        ... on MemberJoined {
          room {
            ...RoomTail
          }
        }
        ... on MemberLeft {
          room {
            ...RoomTail
          }
        }
        ... on RoomUpdated {
          room {
            ...RoomTail
          }
        }
      }
    }
  `,
  [MessageParts, RoomSnapshot, RoomTail],
);

export const EarlierMessagesQuery = graphql(
  `
    query EarlierMessages($roomId: ID!, $before: String!) {
      room(id: $roomId) {
        messages(last: 50, before: $before) {
          nodes {
            ...MessageParts
          }
          pageInfo {
            hasPreviousPage
            startCursor
          }
        }
      }
    }
  `,
  [MessageParts],
);

export const SendMessageMutation = graphql(`
  mutation SendMessage($roomId: ID!, $body: String!, $key: String!) {
    sendMessage(input: { roomId: $roomId, body: $body, idempotencyKey: $key }) {
      message {
        id
      }
    }
  }
`);

export const MarkReadMutation = graphql(`
  mutation MarkRead($roomId: ID!, $messageId: ID!) {
    markRead(input: { roomId: $roomId, messageId: $messageId }) {
      membership {
        unreadCount
      }
    }
  }
`);

/** A message as the timeline shows it. */
export type Message = ResultOf<typeof MessageParts>;
/** What happened in the room. */
export type RoomEvent = ResultOf<typeof RoomEventsSubscription>['roomEvents'];
/** A page of the timeline. */
export type MessagePage = ResultOf<typeof RoomSnapshot>['messages'];
