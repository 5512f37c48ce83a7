import {
  addReaction,
  deleteMessage,
  editMessage,
  markRead,
  removeReaction,
  sendMessage,
  setTyping,
} from '../resolvers/mutations.ts';
import { builder, personal, write } from './builder.ts';
import { inputArg, membershipPayload, messagePayload } from './payloads.ts';

const roomId = { required: true, description: 'The id of the room.' } as const;
const messageId = { required: true, description: 'The id of the message.' } as const;
const emoji = {
  required: true,
  description: 'One emoji, as Unicode recommends it for interchange. Anything else: BAD_USER_INPUT.',
} as const;
const body = {
  required: true,
  description:
    'Markdown, kept byte for byte: 1 to 4,000 Unicode code points, not only white space, no control characters but line breaks and tabs.',
} as const;

const SendMessageInput = builder.inputType('SendMessageInput', {
  description: 'What to send, and where.',
  fields: (t) => ({
    roomId: t.id(roomId),
    body: t.string(body),
    replyToId: t.id({ description: 'The id of the message this one answers, in the same room.' }),
    idempotencyKey: t.string({
      description:
        'Any text that the client makes up once for each message: 1 to 64 printable ASCII characters. For 24 hours the same key from the same user in the same room returns the first message again and sends nothing, so a send whose answer was lost can be repeated without fear. With another body or `replyToId`: CONFLICT.',
    }),
  }),
});

const EditMessageInput = builder.inputType('EditMessageInput', {
  description: 'What to change in which message.',
  fields: (t) => ({ messageId: t.id(messageId), body: t.string(body) }),
});

const DeleteMessageInput = builder.inputType('DeleteMessageInput', {
  description: 'Which message to delete.',
  fields: (t) => ({ messageId: t.id(messageId) }),
});

const AddReactionInput = builder.inputType('AddReactionInput', {
  description: 'How to react to which message.',
  fields: (t) => ({ messageId: t.id(messageId), emoji: t.string(emoji) }),
});

const RemoveReactionInput = builder.inputType('RemoveReactionInput', {
  description: 'Which reaction to take back from which message.',
  fields: (t) => ({ messageId: t.id(messageId), emoji: t.string(emoji) }),
});

const MarkReadInput = builder.inputType('MarkReadInput', {
  description: 'How far the viewer has read.',
  fields: (t) => ({
    roomId: t.id(roomId),
    messageId: t.id({ required: true, description: 'The id of the newest message read, of whatever kind.' }),
  }),
});

const SetTypingInput = builder.inputType('SetTypingInput', {
  description: 'Where the viewer is typing.',
  fields: (t) => ({ roomId: t.id(roomId) }),
});

const SetTypingPayload = builder.objectRef<{ readonly expiresAt: number }>('SetTypingPayload').implement({
  description: 'The outcome.',
  fields: (t) => ({
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When others stop showing it, unless it is said again.',
      extensions: personal,
      resolve: ({ expiresAt }) => expiresAt,
    }),
  }),
});

builder.mutationFields((t) => ({
  sendMessage: t.field({
    type: messagePayload(
      'SendMessagePayload',
      'The message as it is stored; with a known idempotency key the first one, in its present state.',
    ),
    description:
      'Sends a message: one MessageSent event. It moves the sender’s read receipt. What this returns is stored, whatever happens to the connection. Members only: FORBIDDEN in a public room, NOT_FOUND in any other. RATE_LIMITED per user.',
    args: { input: t.arg({ type: SendMessageInput, ...inputArg }) },
    extensions: write,
    resolve: sendMessage,
  }),
  editMessage: t.field({
    type: messagePayload('EditMessagePayload', 'The message with its new body.'),
    description:
      'Replaces the body of a message: one MessageUpdated event, none for the same body. One’s own only: FORBIDDEN else. CONFLICT where it is deleted.',
    args: { input: t.arg({ type: EditMessageInput, ...inputArg }) },
    extensions: write,
    resolve: editMessage,
  }),
  deleteMessage: t.field({
    type: messagePayload('DeleteMessagePayload', 'What is left of the message.'),
    description:
      'Deletes a message: one MessageUpdated event, none where it is deleted already. Body, mentions and reactions are gone for good, its place in the timeline stays. One’s own, or anyone’s as owner or moderator: FORBIDDEN else, and for system messages.',
    args: { input: t.arg({ type: DeleteMessageInput, ...inputArg }) },
    extensions: write,
    resolve: deleteMessage,
  }),
  addReaction: t.field({
    type: messagePayload('AddReactionPayload', 'The message with the reaction.'),
    description:
      'Puts an emoji under a message: one MessageUpdated event, none where the viewer’s is there already. CONFLICT (deleted message), FORBIDDEN (system message), TOO_LARGE (more than 20 different emoji).',
    args: { input: t.arg({ type: AddReactionInput, ...inputArg }) },
    extensions: write,
    resolve: addReaction,
  }),
  removeReaction: t.field({
    type: messagePayload('RemoveReactionPayload', 'The message without the reaction.'),
    description:
      'Takes the viewer’s emoji back: one MessageUpdated event, none where there was none. Errors as for `addReaction`.',
    args: { input: t.arg({ type: RemoveReactionInput, ...inputArg }) },
    extensions: write,
    resolve: removeReaction,
  }),
  markRead: t.field({
    type: membershipPayload('MarkReadPayload', 'The viewer’s membership with its receipt.'),
    description:
      'Moves the viewer’s read receipt to a message, if that is forward; else nothing happens. Members see it as ReadReceiptMoved. Members only. RATE_LIMITED per user.',
    args: { input: t.arg({ type: MarkReadInput, ...inputArg }) },
    extensions: write,
    resolve: markRead,
  }),
  setTyping: t.field({
    type: SetTypingPayload,
    description:
      'Says that the viewer is typing; call again while it lasts. It fades 3 seconds after the last call. Members see it as TypingStarted; it is never stored. Members only. RATE_LIMITED per user.',
    args: { input: t.arg({ type: SetTypingInput, ...inputArg }) },
    extensions: write,
    resolve: setTyping,
  }),
}));
