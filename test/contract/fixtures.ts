import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { RoomEvent, RoomSignal } from '../../src/domain/event.ts';
import { newRoomId, newUserId } from '../../src/domain/ids.ts';
import type { Message } from '../../src/domain/message.ts';
import type { MemberRole, Room, RoomKind } from '../../src/domain/room.ts';
import { parseBody, parseLine } from '../../src/domain/text.ts';
import type { NewAccount } from '../../src/ports/accounts.ts';
import type { Store } from '../../src/ports/store.ts';
import type { Timeline } from '../../src/ports/timeline.ts';

/** Names that are something else in JavaScript. */
export const JS_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  'length',
];

/** Random text of [a-z0-9], for names that must not meet those of other tests. */
export const randomName = (): string => `n${randomBytes(8).toString('hex')}`;

export const newAccount = (given: Partial<NewAccount> = {}): NewAccount => ({
  id: newUserId(),
  username: randomName(),
  displayName: 'Someone',
  avatarUrl: null,
  isBot: false,
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
  ...given,
});

/** A room with these members, who joined in this order; the first is its owner where nothing else is said. */
export async function makeRoom(
  store: Store,
  given: { id?: string; kind?: RoomKind; members?: readonly (string | { userId: string; role: MemberRole })[] } = {},
): Promise<Room> {
  const members = (given.members ?? [newUserId()]).map((member, index) =>
    typeof member === 'string'
      ? { userId: member, role: index === 0 ? ('OWNER' as const) : ('MEMBER' as const), joined: 'joined' }
      : { ...member, joined: 'joined' },
  );
  const { room } = await store.rooms.create({
    id: given.id ?? newRoomId(),
    kind: given.kind ?? 'PUBLIC',
    name: 'A room',
    topic: null,
    members,
  });
  return room;
}

type Send = Parameters<Timeline['append']>[0];

/** Sends a message and returns it. */
export async function send(
  store: Store,
  roomId: string,
  authorId: string,
  given: Partial<Omit<Send, 'roomId' | 'authorId'>> = {},
): Promise<Message> {
  const appended = await store.timeline.append({
    roomId,
    authorId,
    body: 'hello',
    mentions: [],
    replyTo: null,
    idempotency: null,
    keep: 0,
    ...given,
  });
  return appended.message;
}

/** A key as a client would send it, with what stands for it and its payload. */
export const idempotency = (field = randomBytes(16).toString('base64url').slice(0, 11), digest = 'digest') => ({
  key: 'client-key',
  field,
  digest,
});

/** Every entry of the room, oldest first. */
export async function allEntries(store: Store, roomId: string): Promise<readonly Message[]> {
  const page = await store.timeline.page(roomId, { after: null, before: null, from: 'start', limit: 10_000 });
  return page.messages;
}

const accepts =
  (parse: (text: string) => string) =>
  (text: string): boolean => {
    try {
      return parse(text) === text;
    } catch {
      return false;
    }
  };

/** Whatever a message may say, the worst included. */
export const hostileBody = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 200 })
  .filter(accepts((text) => parseBody('body', text)));

/** Whatever a name may be. */
export const hostileLine = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    fc.constantFrom(...JS_NAMES),
  )
  .filter(accepts((text) => parseLine('name', text, 1, 80)));

/** The values that are fulfilled, and the reasons of the others. */
export async function outcomes<T>(promises: readonly Promise<T>[]): Promise<{ done: T[]; failed: unknown[] }> {
  const settled = await Promise.allSettled(promises);
  return {
    done: settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    failed: settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])),
  };
}

/** So many calls at once, alternating between the two processes. */
export const atOnce = <T>(
  { store, other }: { store: Store; other: Store },
  count: number,
  call: (store: Store, index: number) => Promise<T>,
): Promise<T>[] => Array.from({ length: count }, (_, index) => call(index % 2 === 0 ? store : other, index));

/** What a room's listener hears, in order. */
export interface Heard {
  readonly events: RoomEvent[];
  readonly signals: RoomSignal[];
  /** Sizes as told, one per delivery. */
  readonly bytes: number[];
  end(): Promise<void>;
}

/** Listens to a room. */
export async function listen(store: Store, roomId: string): Promise<Heard> {
  const events: RoomEvent[] = [];
  const signals: RoomSignal[] = [];
  const bytes: number[] = [];
  const end = await store.feed.watchRoom(roomId, ({ event, bytes: size }) => {
    bytes.push(size);
    if ('message' in event) events.push(event);
    else signals.push(event);
  });
  return { events, signals, bytes, end };
}
