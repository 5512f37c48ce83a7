/** A tab that GraphiQL opens with. */
export interface Tab {
  readonly query: string;
  readonly variables?: string;
}

const SIGN_IN = `# 1. Sign in. This browser then keeps the web session in a cookie: the other tabs just work, subscriptions too.
#    Demo users: alice, bob, carol and dave, password parley-demo. For an account of your own: signUp, with the same input.
#    To act as somebody else in one tab, put their token into its headers: {"authorization": "Bearer ..."}
mutation SignIn {
  signIn(input: { username: "alice", password: "parley-demo" }) {
    token
    expiresAt
    user {
      id
      displayName
    }
  }
}
`;

const ROOMS = `# 2. Your rooms with what is new in them, and the public rooms that you could join.
query MyRooms {
  viewer {
    user {
      username
    }
    unreadCount
    memberships(first: 20) {
      nodes {
        unreadCount
        role
        room {
          id
          kind
          name
          lastMessage {
            body
            createdAt
          }
        }
      }
    }
  }
  rooms(first: 10) {
    nodes {
      id
      name
      memberCount
    }
  }
}
`;

const SUBSCRIBE = `# 3. All that happens in a room, as it happens. Leave it running and send something from the next tab.
#    after: a cursor that you got here before brings everything missed since, once and in order.
subscription RoomEvents($roomId: ID!, $after: String) {
  roomEvents(roomId: $roomId, after: $after) {
    __typename
    cursor
    ... on MessageSent {
      message {
        id
        body
        author {
          displayName
        }
      }
    }
    ... on MessageUpdated {
      message {
        id
        body
        deletedAt
      }
    }
    ... on TypingStarted {
      user {
        displayName
      }
    }
    ... on Reset {
      reason
    }
  }
}
`;

const SEND = `# 4. Send a message. With the same idempotencyKey it is sent once, however often you run this.
mutation Send($roomId: ID!, $body: String!, $key: String) {
  sendMessage(input: { roomId: $roomId, body: $body, idempotencyKey: $key }) {
    message {
      id
      createdAt
      author {
        displayName
      }
    }
  }
}
`;

const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** The operations GraphiQL opens with. @param roomId a room everyone has, or null */
export function openingTabs(roomId: string | null): readonly Tab[] {
  const room = roomId ?? 'the id of a room, see tab 2';
  return [
    // Without variables: GraphiQL does not show those of the tab that it opens with.
    { query: SIGN_IN },
    { query: ROOMS },
    { query: SUBSCRIBE, variables: json({ roomId: room }) },
    { query: SEND, variables: json({ roomId: room, body: 'Hello from GraphiQL' }) },
  ];
}
