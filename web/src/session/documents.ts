import { graphql, type ResultOf } from '../graphql.ts';

export const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      user {
        id
        username
        displayName
      }
    }
  }
`);

// The token is not asked for: the session is in a cookie that no script can read.
export const SignInMutation = graphql(`
  mutation SignIn($username: String!, $password: String!) {
    signIn(input: { username: $username, password: $password }) {
      expiresAt
    }
  }
`);

export const SignUpMutation = graphql(`
  mutation SignUp($username: String!, $password: String!, $displayName: String) {
    signUp(input: { username: $username, password: $password, displayName: $displayName }) {
      expiresAt
    }
  }
`);

export const SignOutMutation = graphql(`
  mutation SignOut {
    signOut {
      signedOut
    }
  }
`);

/** The user at the screen. */
export type Me = NonNullable<ResultOf<typeof ViewerQuery>['viewer']>['user'];
