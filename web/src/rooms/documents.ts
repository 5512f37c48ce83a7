import { graphql, type ResultOf } from '../graphql.ts';

export const MembershipParts = graphql(`
  fragment MembershipParts on Membership {
    room {
      id
      kind
      name
      members(first: 2) {
        nodes {
          user {
            id
            displayName
          }
        }
      }
      lastMessage {
        id
        createdAt
      }
    }
    unreadCount
  }
`);

export const MembershipsQuery = graphql(
  `
    query Memberships($after: String) {
      viewer {
        memberships(first: 50, after: $after) {
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
      }
    }
  `,
  [MembershipParts],
);

/** One of the viewer's rooms, as the list shows it. */
export type Membership = ResultOf<typeof MembershipParts>;
/** What changed among them. */
export type ViewerEvent = ResultOf<typeof ViewerEventsSubscription>['viewerEvents'];
