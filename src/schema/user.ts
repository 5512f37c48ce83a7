import { userPresence } from '../resolvers/user.ts';
import { builder, personal, personalRead, shared } from './builder.ts';
import { connection } from './connection.ts';
import { NodeRef, PresenceRef, UserRef } from './refs.ts';

UserRef.implement({
  description: 'A person or bot with an account. Everyone signed in can find everyone.',
  interfaces: [NodeRef],
  fields: (t) => ({
    username: t.exposeString('username', {
      description:
        "The name to sign in with and to mention (`@name`), as chosen at sign-up. Unique without regard to case, 2 to 32 of letters a-z, digits, '.', '_' and '-'.",
      extensions: shared,
    }),
    displayName: t.exposeString('displayName', {
      description: 'The name to show: 1 to 80 Unicode code points on one line. Not unique.',
      extensions: shared,
    }),
    avatarUrl: t.exposeString('avatarUrl', {
      nullable: true,
      description: "Where the user's picture is; null for one who has none.",
      extensions: shared,
    }),
    isBot: t.exposeBoolean('isBot', { description: 'Whether a program acts under this name.', extensions: shared }),
    presence: t.field({
      type: PresenceRef,
      description:
        'Whether the user is connected. Told to the user and to those who share a room with them; to everyone else the user is OFFLINE and was never seen.',
      extensions: personalRead,
      resolve: userPresence,
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the account was made.',
      extensions: shared,
      resolve: (user) => user.createdAt,
    }),
  }),
});

const PresenceStatus = builder.enumType('PresenceStatus', {
  description: 'Whether a user is connected.',
  values: {
    ONLINE: { description: 'At least one connection of the user is open, or was until some seconds ago.' },
    OFFLINE: { description: 'None is, or the viewer may not know.' },
  } as const,
});

PresenceRef.implement({
  description:
    'Whether a user is connected, right within 45 seconds even where a server died. It is never stored with messages and never replayed.',
  fields: (t) => ({
    status: t.field({
      type: PresenceStatus,
      description: 'Whether the user is connected.',
      extensions: personal,
      resolve: ({ online }) => (online ? ('ONLINE' as const) : ('OFFLINE' as const)),
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the user was last connected, give or take some seconds; null for one who never was, and where the viewer may not know.',
      extensions: personal,
      resolve: ({ lastSeenAt }) => lastSeenAt,
    }),
  }),
});

/** A page of users. */
export const UserConnection = connection('User', 'users', UserRef, (t, item) =>
  t.field({ type: UserRef, ...item, resolve: ({ node }) => node }),
);
