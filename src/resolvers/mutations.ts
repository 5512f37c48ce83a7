import type { Context } from '../context.ts';
import type { MemberRole, Room } from '../domain/room.ts';
import type { SendInput } from '../services/messages.ts';
import type { CreateRoomInput, UpdateRoomInput } from '../services/rooms.ts';
import type { Membership, MessageBacking, RoomHandle, SignedIn } from './backing.ts';

/** The argument of every mutation. */
interface Input<T> {
  readonly input: T;
}
type InRoom = { readonly roomId: string };
type OfUser = { readonly userId: string };
type OfMessage = { readonly messageId: string };

/** What mutations before this one in the same operation read must not be remembered: they have changed it. */
function anew(context: Context): Context {
  context.loaders.clear();
  return context;
}

/** The room just read or written: its fields need not ask again. */
function handleOf(context: Context, room: Room): { readonly room: RoomHandle } {
  context.loaders.room.prime(room.id, room);
  return { room: { id: room.id } };
}

const caller = ({ client, viewer }: Context) => ({ address: client.address, viewer });

function withWebSession(context: Context, signedIn: SignedIn): SignedIn {
  context.client.setWebSession?.(signedIn.token, signedIn.expiresAt);
  return signedIn;
}

/** `Mutation.signUp`. */
export const signUp = async (
  _root: unknown,
  { input }: Input<{ username: string; password: string; displayName?: string | null | undefined }>,
  context: Context,
): Promise<SignedIn> => withWebSession(context, await anew(context).services.auth.signUp(caller(context), input));

/** `Mutation.signIn`. */
export const signIn = async (
  _root: unknown,
  { input }: Input<{ username: string; password: string }>,
  context: Context,
): Promise<SignedIn> => withWebSession(context, await anew(context).services.auth.signIn(caller(context), input));

/** `Mutation.signOut`. */
export async function signOut(_root: unknown, _args: object, context: Context): Promise<{ readonly signedOut: boolean }> {
  const signedOut = await anew(context).services.auth.signOut(context.viewer);
  context.client.setWebSession?.(null, 0);
  return { signedOut };
}

/** `Mutation.createRoom`. */
export const createRoom = async (_root: unknown, { input }: Input<CreateRoomInput>, context: Context) =>
  handleOf(context, await anew(context).services.rooms.create(context.viewer, input));

/** `Mutation.updateRoom`. */
export const updateRoom = async (_root: unknown, { input }: Input<UpdateRoomInput>, context: Context) =>
  handleOf(context, await anew(context).services.rooms.update(context.viewer, input));

/** `Mutation.openDirectRoom`. */
export const openDirectRoom = async (_root: unknown, { input }: Input<OfUser>, context: Context) =>
  handleOf(context, await anew(context).services.directRooms.open(context.viewer, input.userId));

/** `Mutation.joinRoom`. */
export const joinRoom = async (_root: unknown, { input }: Input<InRoom>, context: Context) => ({
  membership: await anew(context).services.members.join(context.viewer, input.roomId),
});

/** `Mutation.leaveRoom`: a room that only members may read is shown as it was. */
export async function leaveRoom(
  _root: unknown,
  { input }: Input<InRoom>,
  context: Context,
): Promise<{ readonly room: RoomHandle }> {
  const last = await anew(context).services.members.leave(context.viewer, input.roomId);
  return { room: last.kind === 'PUBLIC' ? { id: last.id } : { id: last.id, last } };
}

/** `Mutation.addMember`. */
export const addMember = async (_root: unknown, { input }: Input<InRoom & OfUser>, context: Context) => ({
  membership: await anew(context).services.members.add(context.viewer, input),
});

/** `Mutation.removeMember`. */
export async function removeMember(
  _root: unknown,
  { input }: Input<InRoom & OfUser>,
  context: Context,
): Promise<{ readonly room: RoomHandle }> {
  await anew(context).services.members.remove(context.viewer, input);
  return { room: { id: input.roomId } };
}

/** `Mutation.setMemberRole`. */
export const setMemberRole = async (
  _root: unknown,
  { input }: Input<InRoom & OfUser & { role: MemberRole }>,
  context: Context,
): Promise<{ readonly membership: Membership }> => ({
  membership: await anew(context).services.members.setRole(context.viewer, input),
});

/** `Mutation.sendMessage`. */
export const sendMessage = async (
  _root: unknown,
  { input }: Input<SendInput>,
  context: Context,
): Promise<{ message: MessageBacking }> => ({
  message: await anew(context).services.messages.send(context.viewer, input),
});

/** `Mutation.editMessage`. */
export const editMessage = async (
  _root: unknown,
  { input }: Input<OfMessage & { body: string }>,
  context: Context,
): Promise<{ message: MessageBacking }> => ({ message: await anew(context).services.messages.edit(context.viewer, input) });

/** `Mutation.deleteMessage`. */
export const deleteMessage = async (
  _root: unknown,
  { input }: Input<OfMessage>,
  context: Context,
): Promise<{ message: MessageBacking }> => ({
  message: await anew(context).services.messages.delete(context.viewer, input.messageId),
});

const react =
  (present: boolean) =>
  async (
    _root: unknown,
    { input }: Input<OfMessage & { emoji: string }>,
    context: Context,
  ): Promise<{ message: MessageBacking }> => ({
    message: await anew(context).services.messages.react(context.viewer, { ...input, present }),
  });

/** `Mutation.addReaction`. */
export const addReaction = react(true);

/** `Mutation.removeReaction`. */
export const removeReaction = react(false);

/** `Mutation.markRead`. */
export const markRead = async (
  _root: unknown,
  { input }: Input<InRoom & OfMessage>,
  context: Context,
): Promise<{ readonly membership: Membership }> => ({
  membership: await anew(context).services.reading.markRead(context.viewer, input),
});

/** `Mutation.setTyping`. */
export const setTyping = async (
  _root: unknown,
  { input }: Input<InRoom>,
  context: Context,
): Promise<{ readonly expiresAt: number }> => ({
  expiresAt: await anew(context).services.typing.start(context.viewer, input.roomId),
});
