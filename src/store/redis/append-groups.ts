import type { Message } from '../../domain/message.ts';
import type { Rate, Spending } from '../../ports/rate-limits.ts';
import type { Appended, Timeline } from '../../ports/timeline.ts';
import { readAnswer, readEntry } from './answers.ts';
import { encodeExtra } from './codec.ts';
import { TOGETHER } from './gather.ts';
import { rateKey, roomKeys } from './keys.ts';
import { asList, asNumber, asText } from './reply.ts';

/** A message to append. */
export type Appending = Omit<Parameters<Timeline['append']>[0], 'spending'>;

/** Messages to one room, in the order in which they were sent: one call of the script. */
export interface AppendGroup {
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
  readonly size: number;
}

/** Gathers the messages that one turn of the event loop has for one room. */
export interface AppendGroups {
  /** Adds a message; resolves with what became of it, rejects with what a refusal means. */
  append(message: Appending, spending?: Spending): Promise<Appended>;
  /** Sends what has been gathered for a room: before anything else is done to that room, so that things happen in the order in which they were asked for. */
  flush(roomKey: string): void;
}

/** What sends them. */
export interface AppendGroupsDeps {
  /** Runs the script for a group; resolves with its answers, in order. */
  readonly run: (group: AppendGroup) => Promise<unknown>;
  /** Calls when this turn of the event loop ends. */
  readonly atTurnEnd: (call: () => void) => void;
}

/**
 * Group commit: in a busy room many send at once, and most of what a message costs Redis (and this process) is the call, not the message. Nothing waits for
 * company: a turn's commands leave at its end anyway.
 */
export function createAppendGroups({ run, atTurnEnd }: AppendGroupsDeps): AppendGroups {
  const groups = new Map<string, Group>();
  let gathered = 0;

  function send(group: Group): void {
    groups.delete(group.room);
    gathered -= group.size;
    run(group)
      .then((reply) => group.answer(reply))
      .catch((error: unknown) => group.fail(error));
  }

  function sendAll(): void {
    for (const group of groups.values()) send(group);
  }

  function open(message: Appending, rate: Rate | null): Group {
    if (groups.size === 0) atTurnEnd(sendAll);
    const group = new Group(message, rate);
    groups.set(group.room, group);
    return group;
  }

  return {
    append(message, spending) {
      const rate = spending?.rate ?? null;
      let group = groups.get(roomKeys(message.roomId).room);
      if (group && (group.keep !== message.keep || group.rate !== rate)) {
        send(group);
        group = undefined;
      }
      group ??= open(message, rate);
      const answered = group.add(message, spending);
      gathered += 1;
      // However many rooms they are for, that is as much as leaves in one write.
      if (gathered === TOGETHER) sendAll();
      return answered;
    },
    flush(roomKey) {
      const group = groups.get(roomKey);
      if (group) send(group);
    },
  };
}

// A class, as most messages have one to themselves.
class Group implements AppendGroup {
  readonly room: string;
  readonly keep: number;
  readonly rate: Rate | null;
  readonly keys: string[];
  readonly args: (string | number)[];
  readonly #waiting: Waiting[] = [];

  constructor({ roomId, keep }: Appending, rate: Rate | null) {
    const k = roomKeys(roomId);
    this.room = k.room;
    this.keep = keep;
    this.rate = rate;
    this.keys = [k.room, k.timeline, k.changes, k.roles, k.reads, k.deleted, k.replies, k.epochs, k.channel];
    this.args = [keep, rate?.burst ?? '', rate?.perSecond ?? ''];
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(message: Appending, spending: Spending | undefined): Promise<Appended> {
    const { authorId, body, mentions, replyTo, idempotency } = message;
    if (spending) this.keys.push(rateKey(spending.key));
    if (replyTo === null && idempotency === null && mentions.length === 0) this.args.push(2, authorId, JSON.stringify(body));
    else {
      const { number, at } = replyTo ?? NOTHING;
      const { key, field, digest } = idempotency ?? NOTHING;
      const extra = encodeExtra({ replyTo: replyTo?.number ?? null, mentions, idempotencyKey: key });
      this.args.push(7, authorId, JSON.stringify(body), extra, number, at, field, digest);
    }
    return new Promise((resolve) => this.#waiting.push({ message, resolve }));
  }

  answer(reply: unknown): void {
    const answers = asList(reply);
    for (let index = 0; index < this.#waiting.length; index += 1) {
      const { message, resolve } = this.#waiting[index] as Waiting;
      try {
        resolve(appended(message, asText(answers[index])));
      } catch (error) {
        resolve(Promise.reject(error));
      }
    }
  }

  fail(error: unknown): void {
    for (const { resolve } of this.#waiting) resolve(Promise.reject(error));
  }
}

interface Waiting {
  readonly message: Appending;
  readonly resolve: (appended: Appended | Promise<never>) => void;
}

const NOTHING = { number: '', at: '', key: null, field: '', digest: '' };

const DUPLICATE = /^DUPLICATE (\d+) (\d+) (\d+)(?: (.+))?$/s;

function appended(message: Appending, answer: string): Appended {
  const [known, number, at, ordinal, stored] = answer.startsWith('D') ? (DUPLICATE.exec(answer) ?? []) : [];
  if (known === undefined) return { message: asSent(message, readAnswer(answer.split(' '))), duplicate: false };
  // Trimmed since: the digest says that the payload is the same, so the input tells what was sent.
  const sent = stored === undefined ? asSent(message, [number, at, ordinal]) : readEntry(message.roomId, stored);
  return { message: sent, duplicate: true };
}

/** The message as it was stored, made from the input and its place: the entry need not come back over the wire. */
function asSent({ roomId, authorId, body, mentions, replyTo, idempotency }: Appending, place: readonly unknown[]): Message {
  const [number, at, ordinal] = place;
  return {
    roomId,
    number: asNumber(number),
    at: asNumber(at),
    kind: 'TEXT',
    authorId,
    body,
    ordinal: asNumber(ordinal),
    changed: asNumber(number),
    editedAt: null,
    deletedAt: null,
    replyTo: replyTo?.number ?? null,
    replyCount: 0,
    reactions: [],
    mentions,
    idempotencyKey: idempotency?.key ?? null,
    role: null,
  };
}
