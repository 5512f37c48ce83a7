import type { SignedIn } from '../resolvers/backing.ts';
import { signIn, signOut, signUp } from '../resolvers/mutations.ts';
import { builder, hashing, personal, write } from './builder.ts';
import { inputArg } from './payloads.ts';
import { UserRef } from './refs.ts';

const SignUpInput = builder.inputType('SignUpInput', {
  description: 'What a new account is made of.',
  fields: (t) => ({
    username: t.string({
      required: true,
      description: "The name to sign in with. Unique without regard to case, 2 to 32 of letters a-z, digits, '.', '_' and '-'.",
    }),
    password: t.string({
      required: true,
      description: '8 to 128 Unicode code points, never cut or changed. Only a slow hash of it is kept.',
    }),
    displayName: t.string({
      description: 'The name to show, 1 to 80 Unicode code points on one line; the username where not given.',
    }),
  }),
});

const SignInInput = builder.inputType('SignInInput', {
  description: 'The credentials of an account.',
  fields: (t) => ({
    username: t.string({ required: true, description: 'The username, in whatever case.' }),
    password: t.string({ required: true, description: 'The password, exactly as at sign-up.' }),
  }),
});

const AuthPayload = builder.objectRef<SignedIn>('AuthPayload').implement({
  description: 'A session just opened. The operation it came with still runs signed out, or as whoever sent it.',
  fields: (t) => ({
    token: t.exposeString('token', {
      description:
        "The session's secret, shown this once. Send it as `Authorization: Bearer …`, or as `connectionParams.authorization` on a WebSocket; never in a URL.",
      extensions: personal,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When the session ends by itself. Open WebSockets are then closed with 4403.',
      extensions: personal,
      resolve: ({ expiresAt }) => expiresAt,
    }),
    user: t.field({ type: UserRef, description: 'Who is signed in.', extensions: personal, resolve: ({ user }) => user }),
  }),
});

const SignOutPayload = builder.objectRef<{ readonly signedOut: boolean }>('SignOutPayload').implement({
  description: 'The outcome of signing out.',
  fields: (t) => ({
    signedOut: t.exposeBoolean('signedOut', {
      description: 'Whether the session was live until now; it is not any more in either case.',
      extensions: personal,
    }),
  }),
});

builder.mutationFields((t) => ({
  signUp: t.field({
    type: AuthPayload,
    description:
      'Makes an account, lets it into the default room and signs it in. CONFLICT where the username is taken, in whatever case; BAD_USER_INPUT naming the field; RATE_LIMITED per address.',
    args: { input: t.arg({ type: SignUpInput, ...inputArg }) },
    extensions: hashing,
    resolve: signUp,
  }),
  signIn: t.field({
    type: AuthPayload,
    description:
      'Opens a session of an existing account. UNAUTHENTICATED whatever is wrong: it does not tell which accounts exist. RATE_LIMITED per account and per address; every call counts, also several in one operation.',
    args: { input: t.arg({ type: SignInInput, ...inputArg }) },
    extensions: hashing,
    resolve: signIn,
  }),
  signOut: t.field({
    type: SignOutPayload,
    description:
      'Ends this session everywhere it is open: its WebSockets are closed with 4401. Other sessions of the user stay. UNAUTHENTICATED when signed out.',
    extensions: write,
    resolve: signOut,
  }),
}));
