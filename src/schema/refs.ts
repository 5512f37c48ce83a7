import type {
  Membership,
  MessageBacking,
  NodeBacking,
  Presence,
  ReactionBacking,
  RoomEventBacking,
  RoomHandle,
  UserBacking,
  ViewerBacking,
} from '../resolvers/backing.ts';
import { builder } from './builder.ts';

// The types by name, apart from what they are made of, since they speak of each other.

/** The interface of everything with a global id. */
export const NodeRef = builder.interfaceRef<NodeBacking>('Node');
/** See user.ts. */
export const UserRef = builder.objectRef<UserBacking>('User');
/** See user.ts. */
export const PresenceRef = builder.objectRef<Presence>('Presence');
/** See viewer.ts. */
export const ViewerRef = builder.objectRef<ViewerBacking>('Viewer');
/** See room.ts. */
export const RoomRef = builder.objectRef<RoomHandle>('Room');
/** See membership.ts. */
export const MembershipRef = builder.objectRef<Membership>('Membership');
/** See message.ts. */
export const MessageRef = builder.objectRef<MessageBacking>('Message');
/** See message.ts. */
export const ReactionRef = builder.objectRef<ReactionBacking>('Reaction');
/** See room-events.ts. */
export const RoomEventRef = builder.interfaceRef<RoomEventBacking>('RoomEvent');
