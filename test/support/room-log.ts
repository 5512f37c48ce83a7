import { type Position, parseCursor } from '../../src/domain/position.ts';
import { at } from './graphql-client.ts';
import { stateOf } from './room-truth.ts';

/** What came to a follower, in order, and where it began to listen anew. */
export type Sighting =
  | { readonly type: 'connect'; readonly after: Position | null; readonly reached: number }
  | {
      readonly type: 'event';
      readonly name: string;
      readonly position: Position;
      readonly id: string;
      /** The user it is about: the author of the entry. */
      readonly userId: string;
      /** All of the entry that can change, in words. */
      readonly state: string;
    }
  | { readonly type: 'caught-up'; readonly position: Position }
  | { readonly type: 'reset'; readonly position: Position; readonly reason: string; readonly reached: number }
  | { readonly type: 'signal'; readonly name: string }
  | { readonly type: 'removed' };

/** What one follower of a room was shown, over all its connections. */
export interface RoomLog {
  readonly sightings: readonly Sighting[];
  /** Answers that no client should ever get. */
  readonly faults: readonly string[];
  /** The last cursor that came, and the same as a position. */
  readonly after: string | null;
  readonly cursor: Position | null;
  /** It has been caught up on its present connection. */
  readonly live: boolean;
  /** It was removed, or its session ended. */
  readonly ended: boolean;
  /** A connection is there, and subscribes with `after`. */
  opened(): void;
  /** The connection is gone. */
  lost(): void;
  /** A result of the subscription. */
  take(result: { readonly data?: unknown; readonly errors?: unknown }): void;
  /** A refusal of the subscription. */
  refuse(errors: unknown): void;
  /** The session has ended. */
  end(): void;
  /** Is a member again, since the room stood there. */
  readmit(reached: number): void;
}

/** The cursor, and of every kept event the message at its heart. */
export const FOLLOW = `subscription Follow($roomId: ID!, $after: String) {
  roomEvents(roomId: $roomId, after: $after) {
    __typename cursor
    ... on MessageSent { message { ...Entry } } ... on MessageUpdated { message { ...Entry } }
    ... on MemberJoined { message { ...Entry } } ... on MemberLeft { message { ...Entry } } ... on RoomUpdated { message { ...Entry } }
    ... on Reset { reason }
  }
}
fragment Entry on Message { id body author { id } deletedAt reactions { emoji count } }`;

/** The same with something that is not the same for every member, so that its results are made for each reader alone. */
export const FOLLOW_ALONE = FOLLOW.replace('emoji count', 'emoji count viewerReacted');

/** A log that begins with that cursor. */
export function createRoomLog(from: string | null): RoomLog {
  const sightings: Sighting[] = [];
  const faults: string[] = [];
  let after = from;
  let cursor = from === null ? null : parseCursor(from);
  let reached = 0;
  let opening = false;
  let live = false;
  let ended = false;

  function note(sighting: Sighting): void {
    if (ended) faults.push(`came after the end: ${JSON.stringify(sighting)}`);
    if (opening) sightings.push({ type: 'connect', after: cursor, reached });
    opening = false;
    sightings.push(sighting);
  }

  function see(event: unknown): void {
    const name = String(at(event, '__typename'));
    const place = at(event, 'cursor');
    if (typeof place !== 'string') return note({ type: 'signal', name });
    const position = parseCursor(place);
    if (!position) return void faults.push(`no cursor: ${place}`);
    if (name === 'CaughtUp') note({ type: 'caught-up', position });
    else if (name === 'Reset') note({ type: 'reset', position, reason: String(at(event, 'reason')), reached });
    else {
      const message = at(event, 'message');
      const [id, userId] = [String(at(message, 'id')), String(at(message, 'author.id'))];
      note({ type: 'event', name, position, id, userId, state: shown(message) });
    }
    if (name === 'CaughtUp' || name === 'Reset') live = true;
    cursor = position;
    after = place;
  }

  function refuse(errors: unknown): void {
    const code = at(errors, '0.extensions.code');
    live = false;
    if (code === 'FORBIDDEN' || code === 'NOT_FOUND') {
      note({ type: 'removed' });
      ended = true;
    } else if (code === 'UNAUTHENTICATED') ended = true;
    else if (code !== 'UNAVAILABLE') faults.push(JSON.stringify(errors));
  }

  return {
    sightings,
    faults,
    get after() {
      return after;
    },
    get cursor() {
      return cursor;
    },
    get live() {
      return live;
    },
    get ended() {
      return ended;
    },
    opened() {
      opening = true;
      live = false;
    },
    lost() {
      live = false;
    },
    take({ data, errors }) {
      const event = at(data, 'roomEvents');
      if (errors === undefined) return see(event);
      if (event) faults.push(`told in part: ${JSON.stringify(errors)}`);
      refuse(errors);
    },
    refuse,
    end() {
      live = false;
      ended = true;
    },
    readmit(number) {
      ended = false;
      reached = number;
    },
  };
}

function shown(message: unknown): string {
  const reactions = at(message, 'reactions');
  return stateOf({
    body: String(at(message, 'body')),
    deleted: at(message, 'deletedAt') !== null,
    reactions: Array.isArray(reactions) ? reactions.map((each) => [String(at(each, 'emoji')), Number(at(each, 'count'))]) : [],
  });
}
