import { viewerMemberships, viewerUnreadCount, viewerUser } from '../resolvers/query.ts';
import { forwardArgs } from './arguments.ts';
import { personalPage, personalRead } from './builder.ts';
import { MembershipConnection } from './membership.ts';
import { UserRef, ViewerRef } from './refs.ts';

ViewerRef.implement({
  description: 'What only the signed-in user may see of themselves.',
  fields: (t) => ({
    user: t.field({ type: UserRef, description: 'The signed-in user.', extensions: personalRead, resolve: viewerUser }),
    memberships: t.field({
      type: MembershipConnection,
      description:
        'The rooms the viewer belongs to, the most recently active first. Rooms that become active while the list is being paged move to its front.',
      args: forwardArgs,
      extensions: personalPage,
      resolve: viewerMemberships,
    }),
    unreadCount: t.int({
      description: 'Unread messages over all rooms, each counted as `Membership.unreadCount` counts them.',
      extensions: personalRead,
      resolve: viewerUnreadCount,
    }),
  }),
});
