import { unavailable } from '../../src/domain/errors.ts';
import { eventOf, type RoomEvent, type RoomSignal } from '../../src/domain/event.ts';
import { messageId } from '../../src/domain/ids.ts';
import type { Message, MessageKind } from '../../src/domain/message.ts';
import { type EpochEnd, isForked, type Position } from '../../src/domain/position.ts';
import type { Live } from '../../src/ports/live-feed.ts';
import type { Standing } from '../../src/ports/memberships.ts';
import type { Replay } from '../../src/ports/timeline.ts';
import type { TruthEvent } from './checker.ts';
import type { Random } from './random.ts';

const ROOM = 'r00000000000room';

/**
 * A room in a store that answers when told: every question is put and every answer comes back in a step of its own, and published
 * events wait on a wire that can lose them. So every interleaving of writing, publishing, asking and answering can be had.
 */
export function createSimulatedRoom(random: Random) {
  const entries = new Map<number, Message>();
  const log: TruthEvent[] = [];
  const members = new Set<string>();
  const established = new Map<string, number>();
  const ended: EpochEnd[] = [];
  const steps: (() => void)[] = [];
  const restored = new Set<() => void>();
  let listener: ((live: Live<RoomEvent | RoomSignal>) => void) | null = null;
  let wire: RoomEvent[] = [];
  let head: Position = { epoch: 'e00000000000', number: 0 };
  let run = head.epoch;
  let runs = 0;
  let time = 1;
  let down = false;

  // The answer is true of the moment it is made, and arrives later.
  function ask<T>(answer: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      steps.push(() => {
        if (down) return void steps.push(() => reject(unavailable()));
        const value = answer();
        steps.push(() => resolve(value));
      });
    });
  }

  function commit(entry: number, change: (number: number) => Message, marks: Partial<TruthEvent> = {}): void {
    if (run !== head.epoch) {
      ended.push({ epoch: head.epoch, last: head.number });
      head = { epoch: run, number: head.number };
    }
    head = { epoch: run, number: head.number + 1 };
    const message = change(head.number);
    entries.set(message.number, message);
    const { number } = head;
    log.push({ epoch: run, number, entry: entry || number, id: messageId(message), ...marks });
    wire.push(eventOf(head, message));
  }

  function enter(kind: MessageKind, authorId: string, marks?: Partial<TruthEvent>): void {
    time += 1;
    commit(
      0,
      (number) => ({
        roomId: ROOM,
        number,
        at: time,
        kind,
        authorId,
        body: `body ${number}`,
        ordinal: 0,
        changed: number,
        editedAt: null,
        deletedAt: null,
        replyTo: null,
        replyCount: 0,
        reactions: [],
        mentions: [],
        idempotencyKey: null,
        role: null,
      }),
      marks,
    );
  }

  function replay(after: Position, limit: number): Replay {
    if (isForked(after, head, ended)) return { status: 'reset', reason: 'FORKED', head };
    const events: RoomEvent[] = [];
    for (const message of entries.values()) {
      const number = message.number > after.number ? message.number : message.changed;
      if (number > after.number) events.push(eventOf({ epoch: head.epoch, number }, message));
    }
    if (events.length > limit) return { status: 'reset', reason: 'TOO_FAR', head };
    return { status: 'events', events: events.sort((a, b) => a.position.number - b.position.number), head };
  }

  return {
    roomId: ROOM,
    log,
    get head() {
      return head;
    },
    isMember: (userId: string) => members.has(userId),
    /** Where the room stood when the store was last asked about this user's membership. */
    establishedAt: (userId: string) => established.get(userId) ?? 0,
    send: () => enter('TEXT', 'author'),
    edit() {
      const texts = [...entries.values()].filter(({ kind }) => kind === 'TEXT');
      if (texts.length === 0) return;
      const message = random.pick(texts);
      commit(message.number, (number) => ({ ...message, body: `edited ${number}`, changed: number }));
    },
    join(userId: string) {
      if (members.has(userId)) return;
      members.add(userId);
      enter('MEMBER_JOINED', userId);
    },
    kick(userId: string) {
      if (!members.delete(userId)) return;
      enter('MEMBER_LEFT', userId, { removes: userId });
    },
    /** The store comes back without its newest writes and hands their numbers out again. */
    loseNewest(count: number) {
      const keep = Math.max(0, log.length - count);
      // A join or removal that is lost would have to be lost from `members` too; keep to messages.
      if (log.slice(keep).some(({ id }) => entries.get(Number.parseInt(id.split('-')[1] ?? '', 36))?.kind !== 'TEXT')) return;
      for (const { number, entry } of log.splice(keep)) {
        if (entry === number) entries.delete(number);
        else {
          const message = entries.get(entry);
          const before = log.findLast((event) => event.entry === entry)?.number ?? entry;
          if (message) entries.set(entry, { ...message, changed: before, body: `body as of ${before}` });
        }
      }
      // What the room knows of epochs goes back too: it is part of what was lost.
      const epochs = [...new Set(['e00000000000', ...log.map(({ epoch }) => epoch)])];
      ended.splice(0);
      for (const epoch of epochs.slice(0, -1))
        ended.push({ epoch, last: log.findLast((event) => event.epoch === epoch)?.number ?? 0 });
      head = { epoch: epochs.at(-1) ?? head.epoch, number: log.length };
      runs += 1;
      run = `e${String(runs).padStart(11, '0')}`;
      wire = [];
      for (const each of restored) each();
    },
    /** The link breaks: what is on the wire is lost, questions fail; then it comes back. */
    breakLink() {
      wire = [];
      down = true;
    },
    mendLink() {
      if (!down) return;
      down = false;
      for (const each of restored) each();
    },
    get down() {
      return down;
    },
    /** Lets the next published event arrive, or loses it. */
    deliver(lose: boolean) {
      const event = wire.shift();
      if (event && !lose && !down) listener?.({ event, bytes: 100 });
    },
    get onWire() {
      return wire.length;
    },
    /** Puts or answers one question, at random. */
    step() {
      if (steps.length > 0) steps.splice(random.below(steps.length), 1)[0]?.();
    },
    get questions() {
      return steps.length;
    },
    ports: {
      feed: {
        watchRoom: (_: string, next: typeof listener) =>
          ask(() => {
            listener = next;
            return async () => {
              if (listener === next) listener = null;
            };
          }),
        watchUser: async () => async () => {},
        onRestored(each: () => void) {
          restored.add(each);
          return () => void restored.delete(each);
        },
        connected: true,
        signal: async () => {},
        channels: 0,
      },
      timeline: {
        replay: (_: string, after: Position, limit: number) => ask(() => replay(after, limit)),
        heads: () => ask((): (Position | null)[] => [head]),
      },
      memberships: {
        standing: (_: string, userIds: readonly string[]) =>
          ask((): Standing => {
            for (const userId of userIds) established.set(userId, head.number);
            const roles = userIds.map((userId) => (members.has(userId) ? ('MEMBER' as const) : null));
            return { kind: 'PUBLIC', position: head, roles };
          }),
      },
    },
  };
}
