import {
  addMember,
  createRoom,
  joinRoom,
  leaveRoom,
  openDirectRoom,
  removeMember,
  setMemberRole,
  updateRoom,
} from '../resolvers/mutations.ts';
import { builder, write } from './builder.ts';
import { MemberRoleEnum } from './membership.ts';
import { inputArg, membershipPayload, roomPayload } from './payloads.ts';
import { RoomKindEnum } from './room.ts';

const roomId = { required: true, description: 'The id of the room.' } as const;
const memberId = { required: true, description: 'The id of the user concerned.' } as const;

const CreateRoomInput = builder.inputType('CreateRoomInput', {
  description: 'What a new room is made of. The viewer becomes its owner.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'What to call it: 1 to 80 Unicode code points on one line. Need not be unique.',
    }),
    kind: t.field({
      type: RoomKindEnum,
      defaultValue: 'PUBLIC',
      description: 'PUBLIC or PRIVATE; it cannot be changed later. DIRECT: BAD_USER_INPUT, use `openDirectRoom`.',
    }),
    topic: t.string({ description: 'What it is about, at most 250 Unicode code points on one line.' }),
    memberIds: t.idList({
      description:
        'Ids of users to be members from the start, besides the viewer; at most 100. One that names nobody: BAD_USER_INPUT.',
    }),
  }),
});

const UpdateRoomInput = builder.inputType('UpdateRoomInput', {
  description: 'What to change in a room.',
  fields: (t) => ({
    roomId: t.id(roomId),
    name: t.string({ description: 'The new name, 1 to 80 Unicode code points on one line; absent or null leaves it as it is.' }),
    topic: t.string({
      description:
        'The new topic, at most 250 Unicode code points on one line; null or empty takes it away, absent leaves it as it is.',
    }),
  }),
});

const JoinRoomInput = builder.inputType('JoinRoomInput', {
  description: 'Which room to join.',
  fields: (t) => ({ roomId: t.id(roomId) }),
});

const LeaveRoomInput = builder.inputType('LeaveRoomInput', {
  description: 'Which room to leave.',
  fields: (t) => ({ roomId: t.id(roomId) }),
});

const AddMemberInput = builder.inputType('AddMemberInput', {
  description: 'Whom to add to which room.',
  fields: (t) => ({ roomId: t.id(roomId), userId: t.id(memberId) }),
});

const RemoveMemberInput = builder.inputType('RemoveMemberInput', {
  description: 'Whom to remove from which room.',
  fields: (t) => ({ roomId: t.id(roomId), userId: t.id(memberId) }),
});

const SetMemberRoleInput = builder.inputType('SetMemberRoleInput', {
  description: 'Which role to give to whom.',
  fields: (t) => ({
    roomId: t.id(roomId),
    userId: t.id(memberId),
    role: t.field({ type: MemberRoleEnum, required: true, description: 'The new role.' }),
  }),
});

const OpenDirectRoomInput = builder.inputType('OpenDirectRoomInput', {
  description: 'With whom to talk.',
  fields: (t) => ({ userId: t.id({ required: true, description: 'The id of the other user. One’s own: BAD_USER_INPUT.' }) }),
});

builder.mutationFields((t) => ({
  createRoom: t.field({
    type: roomPayload('CreateRoomPayload', 'The new room.'),
    description: 'Makes a public or private room. CONFLICT where the viewer or one of the members is in too many rooms already.',
    args: { input: t.arg({ type: CreateRoomInput, ...inputArg }) },
    extensions: write,
    resolve: createRoom,
  }),
  updateRoom: t.field({
    type: roomPayload('UpdateRoomPayload', 'The room as it is now.'),
    description:
      'Changes name or topic: one RoomUpdated event, none where nothing changes. Owners and moderators only: FORBIDDEN else, and for direct rooms.',
    args: { input: t.arg({ type: UpdateRoomInput, ...inputArg }) },
    extensions: write,
    resolve: updateRoom,
  }),
  joinRoom: t.field({
    type: membershipPayload('JoinRoomPayload', 'The viewer’s membership.'),
    description:
      'Joins a public room; a member who joins again gets the same membership and nothing happens. Any other room: NOT_FOUND. CONFLICT where the viewer is in too many rooms.',
    args: { input: t.arg({ type: JoinRoomInput, ...inputArg }) },
    extensions: write,
    resolve: joinRoom,
  }),
  leaveRoom: t.field({
    type: roomPayload(
      'LeaveRoomPayload',
      'The room left. A private one is shown as the viewer last saw it, without members and messages.',
    ),
    description:
      'Leaves a room; the viewer’s subscriptions to it end. An owner who was the last one hands over to the oldest moderator, else the oldest member. FORBIDDEN for a direct room: it stays.',
    args: { input: t.arg({ type: LeaveRoomInput, ...inputArg }) },
    extensions: write,
    resolve: leaveRoom,
  }),
  addMember: t.field({
    type: membershipPayload('AddMemberPayload', 'The membership of the user added.'),
    description:
      'Adds a user to a private or public room; for one who is a member already nothing happens. Members only; FORBIDDEN for a direct room. CONFLICT where the user is in too many rooms.',
    args: { input: t.arg({ type: AddMemberInput, ...inputArg }) },
    extensions: write,
    resolve: addMember,
  }),
  removeMember: t.field({
    type: roomPayload('RemoveMemberPayload', 'The room.'),
    description:
      'Removes someone else; their subscriptions to the room end, and MemberLeft is the last event they see. Owners remove anyone, moderators plain members: FORBIDDEN else, and for a direct room. Oneself: BAD_USER_INPUT, use `leaveRoom`.',
    args: { input: t.arg({ type: RemoveMemberInput, ...inputArg }) },
    extensions: write,
    resolve: removeMember,
  }),
  setMemberRole: t.field({
    type: membershipPayload('SetMemberRolePayload', 'The membership with its new role.'),
    description:
      'Gives a member another role: one RoomUpdated event, none for the role they have. Owners only: FORBIDDEN else, and for a direct room. CONFLICT where the room would be left without an owner.',
    args: { input: t.arg({ type: SetMemberRoleInput, ...inputArg }) },
    extensions: write,
    resolve: setMemberRole,
  }),
  openDirectRoom: t.field({
    type: roomPayload('OpenDirectRoomPayload', 'The direct room of the two.'),
    description:
      'Finds or makes the direct room with a user: one and the same for both, however many open it at once. CONFLICT where either is in too many rooms.',
    args: { input: t.arg({ type: OpenDirectRoomInput, ...inputArg }) },
    extensions: write,
    resolve: openDirectRoom,
  }),
}));
