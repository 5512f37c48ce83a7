import { graphql, type ResultOf } from '../graphql.ts';

// Nothing in here depends on who asks: the server then makes each event once for all who follow the room. Whether the viewer is among those
// who reacted is read off the users; where they are too many, RoomReactionsQuery tells.
export const MessageParts = graphql(`
  fragment MessageParts on Message {
    id
    kind
    body
    cursor
    createdAt
    editedAt
    deletedAt
    idempotencyKey
    author {
      id
      username
      displayName
    }
    mentions {
      id
      username
      displayName
    }
    reactions {
      emoji
      count
      users(first: 20) {
        id
        displayName
      }
    }
    replyCount
    replyTo {
      id
      kind
      body
      deletedAt
      replyCount
      author {
        id
        displayName
      }
    }
  }
`);

/** A member as the room shows them. */
export const MemberParts = graphql(`
  fragment MemberParts on Membership {
    room {
      id
    }
    user {
      id
      username
      displayName
      isBot
    }
    role
    joinedAt
    lastReadMessageId
    lastReadAt
  }
`);

export const PageParts = graphql(
  `
    fragment PageParts on MessageConnection {
      nodes {
        ...MessageParts
      }
      pageInfo {
        hasPreviousPage
        hasNextPage
        startCursor
        endCursor
      }
    }
  `,
  [MessageParts],
);

const RoomSnapshot = graphql(
  `
    fragment RoomSnapshot on Room {
      id
      kind
      name
      topic
      memberCount
      members(first: 100) {
        nodes {
          ...MemberParts
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      messages(last: 50) {
        ...PageParts
      }
    }
  `,
  [PageParts, MemberParts],
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
            id
            memberCount
          }
          membership {
            ...MemberParts
          }
          message {
            ...MessageParts
          }
        }
        ... on MemberLeft {
          room {
            id
            memberCount
          }
          user {
            id
          }
          message {
            ...MessageParts
          }
        }
        ... on RoomUpdated {
          message {
            ...MessageParts
          }
          room {
            id
            name
            topic
          }
        }
        ... on ReadReceiptMoved {
          membership {
            ...MemberParts
          }
        }
        ... on TypingStarted {
          user {
            id
            displayName
          }
        }
        ... on PresenceChanged {
          user {
            id
          }
        }
      }
    }
  `,
  [MessageParts, MemberParts, RoomSnapshot],
);

/** What a room is called and is about: in the cache once the room is open. */
export const RoomQuery = graphql(`
  query Room($roomId: ID!) {
    room(id: $roomId) {
      id
      kind
      name
      topic
      memberCount
    }
  }
`);

/** Who is in a room. The first page is in the cache once the room is open. */
export const MembersQuery = graphql(
  `
    query Members($roomId: ID!, $after: String) {
      room(id: $roomId) {
        id
        members(first: 100, after: $after) {
          nodes {
            ...MemberParts
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [MemberParts],
);

/** Members by the start of a name, for rooms that have more than are known. */
export const FindMembersQuery = graphql(
  `
    query FindMembers($roomId: ID!, $search: String!, $first: Int!) {
      room(id: $roomId) {
        id
        members(first: $first, search: $search) {
          nodes {
            ...MemberParts
          }
          pageInfo {
            hasNextPage
          }
        }
      }
    }
  `,
  [MemberParts],
);

/** Pages of the timeline: with `before` and `last` backwards, with `after` and `first` forwards. */
export const MessagesQuery = graphql(
  `
    query Messages($roomId: ID!, $before: String, $after: String, $first: Int, $last: Int) {
      room(id: $roomId) {
        id
        messages(before: $before, after: $after, first: $first, last: $last) {
          ...PageParts
        }
      }
    }
  `,
  [PageParts],
);

/** Where a message lies, to read what is around it. */
export const MessagePlaceQuery = graphql(
  `
    query MessagePlace($id: ID!) {
      node(id: $id) {
        __typename
        ... on Message {
          ...MessageParts
          room {
            id
          }
        }
      }
    }
  `,
  [MessageParts],
);

/** The answers to a message. */
export const RepliesQuery = graphql(`
  query Replies($id: ID!, $after: String) {
    node(id: $id) {
      __typename
      ... on Message {
        id
        replies(first: 50, after: $after) {
          nodes {
            id
            body
            createdAt
            deletedAt
            author {
              id
              displayName
            }
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  }
`);

/** What only the viewer can be told of reactions. */
export const ViewerReactionsQuery = graphql(`
  query ViewerReactions($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Message {
        id
        reactions {
          emoji
          viewerReacted
        }
      }
    }
  }
`);

export const SendMessageMutation = graphql(`
  mutation SendMessage($roomId: ID!, $body: String!, $key: String!, $replyToId: ID) {
    sendMessage(input: { roomId: $roomId, body: $body, idempotencyKey: $key, replyToId: $replyToId }) {
      message {
        id
      }
    }
  }
`);

export const EditMessageMutation = graphql(
  `
    mutation EditMessage($messageId: ID!, $body: String!) {
      editMessage(input: { messageId: $messageId, body: $body }) {
        message {
          ...MessageParts
        }
      }
    }
  `,
  [MessageParts],
);

export const DeleteMessageMutation = graphql(
  `
    mutation DeleteMessage($messageId: ID!) {
      deleteMessage(input: { messageId: $messageId }) {
        message {
          ...MessageParts
        }
      }
    }
  `,
  [MessageParts],
);

export const AddReactionMutation = graphql(
  `
    mutation AddReaction($messageId: ID!, $emoji: String!) {
      addReaction(input: { messageId: $messageId, emoji: $emoji }) {
        message {
          ...MessageParts
        }
      }
    }
  `,
  [MessageParts],
);

export const RemoveReactionMutation = graphql(
  `
    mutation RemoveReaction($messageId: ID!, $emoji: String!) {
      removeReaction(input: { messageId: $messageId, emoji: $emoji }) {
        message {
          ...MessageParts
        }
      }
    }
  `,
  [MessageParts],
);

export const MarkReadMutation = graphql(`
  mutation MarkRead($roomId: ID!, $messageId: ID!) {
    markRead(input: { roomId: $roomId, messageId: $messageId }) {
      membership {
        unreadCount
        lastReadMessageId
        lastReadAt
        room {
          id
        }
        user {
          id
        }
      }
    }
  }
`);

export const SetTypingMutation = graphql(`
  mutation SetTyping($roomId: ID!) {
    setTyping(input: { roomId: $roomId }) {
      expiresAt
    }
  }
`);

/** A message as the timeline shows it. */
export type Message = ResultOf<typeof MessageParts>;
/** A member of the open room. */
export type Member = ResultOf<typeof MemberParts>;
/** What happened in the room. */
export type RoomEvent = ResultOf<typeof RoomEventsSubscription>['roomEvents'];
/** A page of the timeline. */
export type MessagePage = ResultOf<typeof PageParts>;
