import { findNode, findNodes, findRoom, findUserByName, findViewer, searchRooms, searchUsers } from '../resolvers/query.ts';
import { forwardArgs, searchArgs } from './arguments.ts';
import { builder, personal, personalPage, personalRead } from './builder.ts';
import { NodeRef, RoomRef, UserRef, ViewerRef } from './refs.ts';
import { RoomConnection } from './room.ts';
import { UserConnection } from './user.ts';

builder.queryType({
  description: 'What can be read. All of it but `viewer` asks to be signed in: UNAUTHENTICATED else.',
  fields: (t) => ({
    node: t.field({
      type: NodeRef,
      nullable: true,
      description: 'Whatever has that id; null where there is nothing, or nothing the viewer may know of: the two look the same.',
      args: { id: t.arg.id({ required: true, description: 'The id of a user, room or message.' }) },
      extensions: personalRead,
      resolve: findNode,
    }),
    nodes: t.field({
      type: [NodeRef],
      nullable: { list: false, items: true },
      description: 'Whatever has those ids, in the order asked, each as by `node`.',
      args: {
        ids: t.arg.idList({
          required: true,
          description: 'Ids of users, rooms and messages, at most 100 unless the server is set otherwise. More: BAD_USER_INPUT.',
        }),
      },
      extensions: { ...personalRead, page: 20 },
      resolve: findNodes,
    }),
    viewer: t.field({
      type: ViewerRef,
      nullable: true,
      description: 'The signed-in user and what is theirs; null when signed out.',
      extensions: personal,
      resolve: findViewer,
    }),
    user: t.field({
      type: UserRef,
      nullable: true,
      description: 'The user of that name; null where there is none.',
      args: { username: t.arg.string({ required: true, description: 'The username, in whatever case.' }) },
      extensions: personalRead,
      resolve: findUserByName,
    }),
    users: t.field({
      type: UserConnection,
      description: 'All users by display name; with `search`, those with a word of display name or username that starts so.',
      args: { ...searchArgs, ...forwardArgs },
      extensions: personalPage,
      resolve: searchUsers,
    }),
    room: t.field({
      type: RoomRef,
      nullable: true,
      description: 'The room with that id; null where there is none, or the viewer may not know of it: the two look the same.',
      args: { id: t.arg.id({ required: true, description: 'The id of a room.' }) },
      extensions: personalRead,
      resolve: findRoom,
    }),
    rooms: t.field({
      type: RoomConnection,
      description:
        'The public rooms by name; with `search`, those with a word of the name that starts so. The viewer’s own are in `viewer.memberships`.',
      args: { ...searchArgs, ...forwardArgs },
      extensions: personalPage,
      resolve: searchRooms,
    }),
  }),
});
