import type { ExecutionResult } from 'graphql';
import type { Group, Sink } from '../realtime/subscriber.ts';
import type { Prepared } from './documents.ts';
import type { Sharing } from './sharing.ts';
import { toWire } from './wire-text.ts';

/** Executes a group's operation on an event, for no viewer in particular: at once where nothing need be read. Tells `onBeside` of anything read beside it. */
export type ShareExecution = (
  prepared: Prepared,
  sharing: Sharing,
  event: unknown,
  onBeside: () => void,
) => ExecutionResult | Promise<ExecutionResult>;

/** A subscription in a group. */
export interface GroupMember extends Sink<object> {
  /** How many events the group had been told of when this one joined: those are not for it. Kept by the group. */
  joinedAt: number;
  /** The next result to show, in order. */
  take(rendering: Rendering): void;
  /** Whether it may be given more. */
  hasRoom(): boolean;
  /** Stops its source until there is room. */
  hold(): void;
}

/** One event as one group of subscriptions is shown it. */
export class Rendering {
  /** The result as JSON with the brace that ends the frame, each character one byte of its UTF-8; null until it is there. */
  tail: string | null = null;
  /** Whether something beside the event was read to make it: then a reader's membership must be judged again before it is shown. */
  readBeside = false;
  readonly #calls: (() => void)[] = [];

  /** Calls once it is there. */
  whenDone(call: () => void): void {
    if (this.tail === null) this.#calls.push(call);
    else call();
  }

  done(result: ExecutionResult): void {
    this.tail = toWire(`${JSON.stringify(result)}}`);
    for (const call of this.#calls.splice(0)) call();
  }
}

/** Results that may wait to be made: beyond, each reader's own source holds events back and counts them. */
export const UNMADE_MAX = 64;

/**
 * Subscriptions that are shown the same: the same document, operation and variables on the same room. An event is executed and serialised once for all of
 * them, and handed out in one walk over those that have nothing waiting; each of the others takes it when it gets there.
 */
export class SharedGroup implements Group<unknown> {
  readonly #prepared: Prepared;
  readonly #sharing: Sharing;
  readonly #execute: ShareExecution;
  readonly #onEmpty: () => void;
  #holders = 0;
  // What members have asked for themselves, for as long as the event is held by anybody. Mostly nobody does, and to remember what all are shown is dear:
  // who comes to it later has it made once more.
  readonly #asked = new WeakMap<object, Rendering>();
  readonly #members = new Set<GroupMember>();
  // Those told of and not shown yet, in order; the last of them is number `#told`.
  #unshown: Rendering[] = [];
  #told = 0;

  /** @param onEmpty called when the last who held it has released it */
  constructor(prepared: Prepared, sharing: Sharing, execute: ShareExecution, onEmpty: () => void) {
    this.#prepared = prepared;
    this.#sharing = sharing;
    this.#execute = execute;
    this.#onEmpty = onEmpty;
  }

  get roomId(): string {
    return this.#sharing.roomId;
  }

  /** Keeps it for others to find until `release` has been called as often. */
  hold(): this {
    this.#holders += 1;
    return this;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#onEmpty();
  }

  /** How an event is shown to a member that comes to it by itself: made for the first who asks. */
  rendering(event: object): Rendering {
    const known = this.#asked.get(event);
    if (known !== undefined) return known;
    const rendering = this.#make(event);
    this.#asked.set(event, rendering);
    return rendering;
  }

  #make(event: object): Rendering {
    const rendering = new Rendering();
    const onBeside = () => {
      rendering.readBeside = true;
    };
    const result = this.#execute(this.#prepared, this.#sharing, event, onBeside);
    if (result instanceof Promise) void result.then((made) => rendering.done(made));
    else rendering.done(result);
    return rendering;
  }

  join(member: GroupMember): void {
    member.joinedAt = this.#told;
    this.#members.add(member);
  }

  leave(member: GroupMember): void {
    if (!this.#members.delete(member)) return;
    const first = this.#told - this.#unshown.length + 1;
    this.#unshown.forEach((rendering, index) => {
      if (first + index > member.joinedAt) member.take(rendering);
    });
  }

  item(event: object): void {
    const rendering = this.#asked.get(event) ?? this.#make(event);
    this.#told += 1;
    if (rendering.tail !== null && this.#unshown.length === 0) return this.#show(rendering, this.#told);
    this.#unshown.push(rendering);
    rendering.whenDone(() => this.#showMade());
    if (this.#unshown.length > UNMADE_MAX) for (const member of this.#members) member.hold();
  }

  #showMade(): void {
    for (let next = this.#unshown[0]; next !== undefined && next.tail !== null; next = this.#unshown[0]) {
      const number = this.#told - this.#unshown.length + 1;
      this.#unshown.shift();
      this.#show(next, number);
    }
  }

  #show(rendering: Rendering, number: number): void {
    for (const member of this.#members) {
      if (member.joinedAt >= number) continue;
      member.take(rendering);
      if (!member.hasRoom()) member.hold();
    }
  }
}

/** The groups of one process: each exists for as long as it is held. */
export function createSharedGroups(execute: ShareExecution) {
  const groups = new Map<string, SharedGroup>();

  return {
    /** The group a subscription belongs to. */
    of(prepared: Prepared, sharing: Sharing): SharedGroup {
      const { key } = sharing;
      const known = groups.get(key);
      if (known) return known;
      const group = new SharedGroup(prepared, sharing, execute, () => void groups.delete(key));
      groups.set(key, group);
      return group;
    },
    get size() {
      return groups.size;
    },
  };
}
