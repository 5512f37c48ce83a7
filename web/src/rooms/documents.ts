import { graphql, type ResultOf } from '../graphql.ts';

export const MembershipParts = graphql(`
  fragment MembershipParts on Membership {
    room {
      id
      kind
      name
      topic
      members(first: 2) {
        nodes {
          room {
            id
          }
          user {
            id
            username
            displayName
          }
        }
      }
      lastMessage {
        id
        kind
        body
        cursor
        createdAt
        author {
          id
          displayName
        }
        mentions {
          id
        }
      }
    }
    user {
      id
    }
    role
    unreadCount
    lastReadMessageId
  }
`);

/** The viewer's rooms. The first page is in the cache as soon as the subscription below has begun; further ones are read. */
export const MembershipsQuery = graphql(
  `
    query Memberships($after: String) {
      viewer {
        user {
          id
        }
        memberships(first: 100, after: $after) {
          nodes {
            ...MembershipParts
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [MembershipParts],
);

export const ViewerEventsSubscription = graphql(
  `
    subscription ViewerEvents {
      viewerEvents {
        __typename
        ... on ViewerCaughtUp {
          viewer {
            user {
              id
            }
            memberships(first: 100) {
              nodes {
                ...MembershipParts
              }
              pageInfo {
                hasNextPage
                endCursor
              }
            }
          }
        }
        ... on MembershipAdded {
          membership {
            ...MembershipParts
          }
        }
        ... on MembershipUpdated {
          membership {
            ...MembershipParts
          }
        }
        ... on MembershipRemoved {
          roomId
        }
        ... on ContactPresenceChanged {
          user {
            id
            presence {
              status
              lastSeenAt
            }
          }
        }
      }
    }
  `,
  [MembershipParts],
);

/** What came after a message or since the room began, for those who only heard of the last. */
export const SinceQuery = graphql(`
  query Since($roomId: ID!, $after: String) {
    room(id: $roomId) {
      id
      messages(first: 100, after: $after) {
        nodes {
          id
          kind
          body
          author {
            id
            displayName
          }
          mentions {
            id
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

/** Who is there now, of those an event spoke of. */
export const PresencesQuery = graphql(`
  query Presences($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on User {
        id
        presence {
          status
          lastSeenAt
        }
      }
    }
  }
`);

export const DirectoryQuery = graphql(`
  query Directory($search: String, $after: String) {
    rooms(first: 50, search: $search, after: $after) {
      nodes {
        id
        kind
        name
        topic
        memberCount
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const PeopleQuery = graphql(`
  query People($search: String) {
    users(first: 20, search: $search) {
      nodes {
        id
        username
        displayName
        isBot
      }
    }
  }
`);

export const JoinRoomMutation = graphql(
  `
    mutation JoinRoom($roomId: ID!) {
      joinRoom(input: { roomId: $roomId }) {
        membership {
          ...MembershipParts
        }
      }
    }
  `,
  [MembershipParts],
);

export const CreateRoomMutation = graphql(
  `
    mutation CreateRoom($name: String!, $topic: String, $kind: RoomKind!) {
      createRoom(input: { name: $name, topic: $topic, kind: $kind }) {
        room {
          id
          viewerMembership {
            ...MembershipParts
          }
        }
      }
    }
  `,
  [MembershipParts],
);

export const OpenDirectRoomMutation = graphql(
  `
    mutation OpenDirectRoom($userId: ID!) {
      openDirectRoom(input: { userId: $userId }) {
        room {
          id
          viewerMembership {
            ...MembershipParts
          }
        }
      }
    }
  `,
  [MembershipParts],
);

export const UpdateRoomMutation = graphql(`
  mutation UpdateRoom($roomId: ID!, $name: String, $topic: String) {
    updateRoom(input: { roomId: $roomId, name: $name, topic: $topic }) {
      room {
        id
        name
        topic
      }
    }
  }
`);

export const LeaveRoomMutation = graphql(`
  mutation LeaveRoom($roomId: ID!) {
    leaveRoom(input: { roomId: $roomId }) {
      room {
        id
      }
    }
  }
`);

export const AddMemberMutation = graphql(`
  mutation AddMember($roomId: ID!, $userId: ID!) {
    addMember(input: { roomId: $roomId, userId: $userId }) {
      membership {
        room {
          id
        }
        user {
          id
        }
        role
      }
    }
  }
`);

export const RemoveMemberMutation = graphql(`
  mutation RemoveMember($roomId: ID!, $userId: ID!) {
    removeMember(input: { roomId: $roomId, userId: $userId }) {
      room {
        id
      }
    }
  }
`);

export const SetMemberRoleMutation = graphql(`
  mutation SetMemberRole($roomId: ID!, $userId: ID!, $role: MemberRole!) {
    setMemberRole(input: { roomId: $roomId, userId: $userId, role: $role }) {
      membership {
        room {
          id
        }
        user {
          id
        }
        role
      }
    }
  }
`);

/** One of the viewer's rooms, as the list shows it. */
export type Membership = ResultOf<typeof MembershipParts>;
/** What changed among them. */
export type ViewerEvent = ResultOf<typeof ViewerEventsSubscription>['viewerEvents'];
/** A room of the directory. */
export type ListedRoom = ResultOf<typeof DirectoryQuery>['rooms']['nodes'][number];
/** A person as search shows them. */
export type Person = ResultOf<typeof PeopleQuery>['users']['nodes'][number];
