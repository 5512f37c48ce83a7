import type { Message, MessagePage, RoomEvent } from './documents.ts';

/** A room as it is on the screen. */
export interface RoomState {
  /** Whether the snapshot has come. */
  readonly ready: boolean;
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly memberCount: number;
  /** Where to read on for what lies before the first message; null where nothing does. */
  readonly earlier: string | null;
}

/** What changes it: an event, or a page of earlier messages. */
export type RoomAction =
  | { readonly type: 'event'; readonly event: RoomEvent }
  | { readonly type: 'earlier'; readonly page: MessagePage };

export const EMPTY_ROOM: RoomState = { ready: false, messages: [], memberCount: 0, earlier: null };

/** The next state. Every event may come for messages that the snapshot or an earlier event has brought already. */
export function reduceRoom(state: RoomState, action: RoomAction): RoomState {
  if (action.type === 'earlier') {
    return { ...state, messages: joined(action.page.nodes, state.messages), earlier: startOf(action.page) };
  }
  const { event } = action;
  switch (event.__typename) {
    case 'CaughtUp':
      // Without a snapshot it only says that what was missed has been told.
      return 'messages' in event.room ? snapshot(event.room) : state;
    case 'Reset':
      return snapshot(event.room);
    case 'MessageSent':
      return { ...state, messages: withMessage(state.messages, event.message) };
    case 'MessageUpdated':
      return { ...state, messages: state.messages.map((one) => (one.id === event.message.id ? event.message : one)) };
    case 'MemberJoined':
    case 'MemberLeft':
    case 'RoomUpdated':
      return { ...state, memberCount: event.room.memberCount, messages: joined(state.messages, event.room.messages.nodes) };
    default:
      return state;
  }
}

function snapshot(room: { readonly memberCount: number; readonly messages: MessagePage }): RoomState {
  return { ready: true, messages: room.messages.nodes, memberCount: room.memberCount, earlier: startOf(room.messages) };
}

function startOf({ pageInfo }: MessagePage): string | null {
  return pageInfo.hasPreviousPage ? (pageInfo.startCursor ?? null) : null;
}

function withMessage(messages: readonly Message[], message: Message): readonly Message[] {
  return messages.some(({ id }) => id === message.id)
    ? messages.map((one) => (one.id === message.id ? message : one))
    : [...messages, message];
}

/** Two neighbouring stretches of the timeline that may overlap; of what is in both the later stretch knows better. */
function joined(older: readonly Message[], newer: readonly Message[]): readonly Message[] {
  const known = new Set(newer.map(({ id }) => id));
  return [...older.filter(({ id }) => !known.has(id)), ...newer];
}
