/** What every reader follows: the fields that a chat window shows. */
export const FOLLOW = `subscription Follow($roomId: ID!) {
  roomEvents(roomId: $roomId) {
    __typename
    cursor
    ... on MessageSent { message { id body createdAt author { id username displayName } } }
  }
}`;

/** What every sender sends. */
export const SEND = `mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id createdAt } }
}`;

/** The newest page of a room. */
export const PAGE = `query Page($roomId: ID!) {
  room(id: $roomId) {
    messages(last: 50) {
      nodes { id body createdAt author { id username displayName } }
      pageInfo { startCursor hasPreviousPage }
    }
  }
}`;
