import fc from 'fast-check';
import type { ErrorCode } from '../../src/domain/errors.ts';
import type { RoomEvent } from '../../src/domain/event.ts';
import type { Message } from '../../src/domain/message.ts';
import type { MemberRole } from '../../src/domain/room.ts';

/** What can be done to a room. Users and entries are meant by their place in a list; the list is the model's. */
export type Act =
  | { readonly act: 'send'; readonly user: number; readonly reply: number | null }
  | { readonly act: 'edit' | 'delete' | 'read'; readonly user: number; readonly entry: number }
  | { readonly act: 'react'; readonly user: number; readonly entry: number; readonly emoji: string; readonly present: boolean }
  | { readonly act: 'join'; readonly user: number }
  | { readonly act: 'leave'; readonly user: number }
  | { readonly act: 'role'; readonly user: number; readonly role: MemberRole }
  | { readonly act: 'rename' };

const user = fc.nat({ max: 3 });
// Counted back from the newest, so that most acts meet an entry that is kept.
const entry = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 2 }) }, { weight: 1, arbitrary: fc.nat({ max: 11 }) });

/** Any act; most of them are about messages. */
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ act: fc.constant('send' as const), user, reply: fc.option(entry) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('edit' as const), user, entry }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('delete' as const), user, entry }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('read' as const), user, entry }) },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('react' as const),
      user,
      entry,
      emoji: fc.constantFrom('👍', '🎉', '❤️'),
      present: fc.oneof(fc.constant(true), fc.boolean()),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('join' as const), user }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('leave' as const), user }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('role' as const),
      user,
      role: fc.constantFrom<MemberRole>('OWNER', 'MODERATOR', 'MEMBER'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ act: 'rename' as const }) },
);

/** Some forty acts, one after the other. */
export const anyActs = fc.array(anyAct, { minLength: 5, maxLength: 45, size: 'max' });

/** An entry without its times, which a model cannot know. */
export type Timeless = ReturnType<typeof timeless>;

export const timeless = (message: Message) => ({
  number: message.number,
  kind: message.kind,
  authorId: message.authorId,
  body: message.body,
  ordinal: message.ordinal,
  changed: message.changed,
  edited: message.editedAt !== null,
  deleted: message.deletedAt !== null,
  replyTo: message.replyTo,
  replyCount: message.replyCount,
  reactions: message.reactions,
  role: message.role,
});

interface Member {
  role: MemberRole;
  read: number;
}

/** A room as a child would keep it: everything that ever was in one list, everything counted anew each time. */
export function createNaiveRoom(users: readonly string[], keep: number) {
  const entries: Timeless[] = [];
  const reacted = new Map<Timeless, Map<string, string[]>>();
  const members = new Map<string, Member>();
  let head = 0;
  let kept = 0;

  const trimmed = () => entries.slice(0, entries.length - kept);
  const shown = () => entries.slice(entries.length - kept).map((each) => ({ ...each, ...answersAndReactions(each) }));
  const sent = () => entries.filter(({ kind }) => kind === 'TEXT').length;

  function answersAndReactions(one: Timeless): Pick<Timeless, 'replyCount' | 'reactions'> {
    const reactions = [...(reacted.get(one) ?? [])].map(([emoji, who]) => ({
      emoji,
      count: who.length,
      firstUserIds: who.slice(0, 10),
    }));
    return { replyCount: entries.filter(({ replyTo, deleted }) => replyTo === one.number && !deleted).length, reactions };
  }

  function add(given: Pick<Timeless, 'kind' | 'authorId' | 'body'> & Partial<Pick<Timeless, 'replyTo' | 'role'>>): number {
    head += 1;
    const ordinal = sent() + (given.kind === 'TEXT' ? 1 : 0);
    entries.push({
      number: head,
      ordinal,
      changed: head,
      edited: false,
      deleted: false,
      replyTo: null,
      replyCount: 0,
      reactions: [],
      role: null,
      ...given,
    });
    kept += 1;
    return head;
  }

  function trim(): void {
    if (keep > 0) kept = Math.min(kept, keep);
  }

  function change(one: Timeless, to: Partial<Timeless>): void {
    head += 1;
    Object.assign(one, to, { changed: head });
  }

  /** So many messages back; the larger numbers mean entries of any kind. */
  function find(back: number): Timeless | undefined {
    const among = back < 9 ? entries.filter(({ kind }) => kind === 'TEXT') : entries;
    return among[among.length - 1 - (back % Math.max(1, among.length))];
  }

  /** Whoever an act is by: most edits are by the author, since no other's succeed. */
  const actor = (act: Exclude<Act, { act: 'rename' }>): string =>
    (act.act === 'edit' && act.user > 0 ? find(act.entry)?.authorId : undefined) ?? users[act.user] ?? '';

  const isKept = (one: Timeless) => entries.indexOf(one) >= entries.length - kept;
  const owners = () => [...members.values()].filter(({ role }) => role === 'OWNER').length;

  function admit(userId: string, role: MemberRole): void {
    members.set(userId, {
      role,
      read: add({ kind: 'MEMBER_JOINED', authorId: userId, body: 'joined', role: role === 'MEMBER' ? null : role }),
    });
  }

  function leave(userId: string): void {
    if (!members.delete(userId)) return;
    add({ kind: 'MEMBER_LEFT', authorId: userId, body: 'left' });
    const heir = ['MODERATOR', 'MEMBER'].flatMap((role) => [...members].filter(([, member]) => member.role === role))[0];
    if (owners() === 0 && heir) {
      heir[1].role = 'OWNER';
      add({ kind: 'ROOM_UPDATED', authorId: heir[0], body: 'inherits', role: 'OWNER' });
    }
    trim();
  }

  function setRole(userId: string, role: MemberRole): ErrorCode | null {
    const member = members.get(userId);
    if (!member) return 'NOT_FOUND';
    if (member.role === role) return null;
    if (member.role === 'OWNER' && owners() === 1) return 'CONFLICT';
    member.role = role;
    add({ kind: 'ROOM_UPDATED', authorId: userId, body: 'has a role', role });
    trim();
    return null;
  }

  function react(one: Timeless, userId: string, emoji: string, present: boolean): void {
    const emojis = reacted.get(one) ?? new Map<string, string[]>();
    const who = emojis.get(emoji) ?? [];
    if (who.includes(userId) === present) return;
    const after = present ? [...who, userId] : who.filter((each) => each !== userId);
    if (after.length === 0) emojis.delete(emoji);
    else emojis.set(emoji, after);
    reacted.set(one, emojis);
    change(one, {});
  }

  /** What is done to one entry: the checks in the order of the port. */
  function touch(act: Extract<Act, { entry: number }>, userId: string, member: Member): ErrorCode | null {
    const one = find(act.entry);
    if (!one || !isKept(one)) return 'NOT_FOUND';
    if (act.act === 'read') {
      member.read = Math.max(member.read, one.number);
      return null;
    }
    if (one.kind !== 'TEXT' || (act.act === 'edit' && one.authorId !== userId)) return 'FORBIDDEN';
    if (act.act === 'delete') {
      if (!one.deleted) change(one, { deleted: true, body: '' });
      reacted.delete(one);
      return null;
    }
    if (one.deleted) return 'CONFLICT';
    if (act.act === 'react') react(one, userId, act.emoji, act.present);
    else change(one, { edited: true, body: `edited at ${head}` });
    return null;
  }

  function send(userId: string, member: Member, reply: number | null): ErrorCode | null {
    const asked = reply === null ? null : find(reply);
    if (asked === undefined || (asked && !isKept(asked))) return 'NOT_FOUND';
    member.read = add({ kind: 'TEXT', authorId: userId, body: `sent at ${head}`, replyTo: asked?.number ?? null });
    trim();
    return null;
  }

  for (const [index, userId] of users.entries()) admit(userId, index === 0 ? 'OWNER' : 'MEMBER');

  return {
    /** Does it; returns the code of the error that it must meet, or null. */
    apply(act: Act): ErrorCode | null {
      if (act.act === 'rename') {
        add({ kind: 'ROOM_UPDATED', authorId: users[0] ?? '', body: 'renamed' });
        trim();
        return null;
      }
      const userId = actor(act);
      const member = members.get(userId);
      if (act.act === 'join') {
        if (member) return null;
        admit(userId, owners() === 0 ? 'OWNER' : 'MEMBER');
        trim();
        return null;
      }
      if (act.act === 'leave') {
        leave(userId);
        return null;
      }
      if (act.act === 'role') return setRole(userId, act.role);
      if (!member) return 'FORBIDDEN';
      return act.act === 'send' ? send(userId, member, act.reply) : touch(act, userId, member);
    },
    /** The user that an act is by. */
    actor,
    /** The number of the entry that an act means, or 0. */
    numberOf: (back: number): number => find(back)?.number ?? 0,
    get head() {
      return head;
    },
    shown,
    members: () =>
      users.map((userId) => {
        const member = members.get(userId);
        if (!member) return null;
        const unread = shown().filter(({ kind, deleted, number }) => kind === 'TEXT' && !deleted && number > member.read).length;
        return { role: member.role, read: member.read, unread };
      }),
    /** What a replay after that number must be. */
    replay(after: number, limit: number): 'EXPIRED' | 'TOO_FAR' | { number: number; entry: Timeless }[] {
      if (trimmed().some(({ number, changed }) => number > after || changed > after)) return 'EXPIRED';
      const events = shown()
        .map((one) => ({ number: one.number > after ? one.number : one.changed, entry: one }))
        .filter(({ number }) => number > after)
        .sort((a, b) => a.number - b.number);
      return events.length > limit ? 'TOO_FAR' : events;
    },
  };
}

/**
 * The snapshot after the events, as a client makes it (P5): each message in its latest state; counts of answers from the answers themselves, which
 * have no event for it.
 */
export function merge(snapshot: readonly Message[], events: readonly RoomEvent[]): Message[] {
  const merged = new Map(snapshot.map((message) => [message.number, message]));
  for (const { message } of events) merged.set(message.number, message);
  const answers = [...merged.values()].filter(({ deletedAt }) => deletedAt === null);
  return [...merged.values()]
    .sort((a, b) => a.number - b.number)
    .map((message) => ({ ...message, replyCount: answers.filter(({ replyTo }) => replyTo === message.number).length }));
}
