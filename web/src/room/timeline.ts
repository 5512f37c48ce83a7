import type { Message, MessagePage, RoomEvent } from './documents.ts';

/** A stretch of a room's timeline without holes, oldest first. */
export interface Stretch {
  /** Another stretch has another name; one that grew has the same. */
  readonly name: number;
  readonly messages: readonly Message[];
  /** Where to read on for what lies before the first; null where nothing does. */
  readonly earlier: string | null;
  /** The same for what lies after the last; null where that is the newest. */
  readonly later: string | null;
}

/** A room's messages as they are on the screen. */
export interface TimelineState {
  /** Whether the snapshot has come. */
  readonly ready: boolean;
  readonly shown: Stretch;
  /** The newest message, also while older ones are shown; null where there is none. */
  readonly newest: Message | null;
}

/** The messages of one room, kept up to date by events. Every event may come for messages that are known already. */
export interface Timeline {
  get(): TimelineState;
  /** Calls after every change that `flush` made visible. Returns its end. */
  watch(listener: () => void): () => void;
  /** Takes in an event; seen after the next `flush`. */
  apply(event: RoomEvent): void;
  /** Puts in the present state of a message, where it is known. */
  replace(message: Message): void;
  /** A page before the first or after the last message shown. */
  extend(where: 'earlier' | 'later', page: MessagePage): void;
  /** Shows what lies around a place in the past: `before`, then the message, then `after`. */
  showAway(before: MessagePage, message: Message | null, after: MessagePage): void;
  /** Shows the newest messages again. */
  showNewest(): void;
  /** The message of that id, if it is in what is shown or among the newest. */
  find(id: string): Message | null;
  /** Its place in what is shown, or -1. */
  indexOf(id: string): number;
  /** Makes what was taken in visible. */
  flush(): void;
}

/** A growing stretch that knows where each message stands. Places count from a base that moves when something is put before. */
class Growing {
  readonly name: number;
  messages: Message[] = [];
  earlier: string | null = null;
  later: string | null = null;
  private readonly places = new Map<string, number>();
  private base = 0;

  constructor(name: number) {
    this.name = name;
  }

  indexOf(id: string): number {
    const place = this.places.get(id);
    return place === undefined ? -1 : place - this.base;
  }

  /** Puts in what is new behind the last; what is known is brought up to date. */
  push(messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.replace(message)) continue;
      this.places.set(message.id, this.base + this.messages.length);
      this.messages.push(message);
    }
  }

  unshift(messages: readonly Message[]): void {
    const fresh = messages.filter((message) => !this.replace(message));
    this.base -= fresh.length;
    for (const [index, { id }] of fresh.entries()) this.places.set(id, this.base + index);
    this.messages = [...fresh, ...this.messages];
  }

  replace(message: Message): boolean {
    const index = this.indexOf(message.id);
    if (index >= 0) this.messages[index] = message;
    return index >= 0;
  }

  /** The answered message as an answer tells of it: newer words, and how many answers there are. */
  refer({ replyTo }: Message): void {
    const known = replyTo && this.messages[this.indexOf(replyTo.id)];
    if (known && known.replyCount !== replyTo.replyCount) this.replace({ ...known, replyCount: replyTo.replyCount });
  }

  seen(): Stretch {
    const { name, earlier, later } = this;
    return { name, earlier, later, messages: [...this.messages] };
  }
}

/** The timeline of a room of which nothing is known yet. */
export function createTimeline(): Timeline {
  let names = 0;
  const fresh = () => {
    names += 1;
    return new Growing(names);
  };
  let ready = false;
  let newest = fresh();
  let away: Growing | null = null;
  let dirty = false;
  let state: TimelineState = { ready, shown: newest.seen(), newest: null };
  const listeners = new Set<() => void>();
  const shown = () => away ?? newest;
  const both = () => (away ? [newest, away] : [newest]);

  function begin(page: MessagePage): void {
    ready = true;
    away = null;
    newest = fresh();
    newest.push(page.nodes);
    newest.earlier = startOf(page);
  }

  function meet(): void {
    // What was read from the past on has reached what is known of the newest, or the end: from here on they are one.
    const first = newest.messages[0];
    if (!away || (away.later !== null && !(first && away.indexOf(first.id) >= 0))) return;
    away.push(newest.messages);
    away.later = null;
    newest = away;
    away = null;
  }

  const timeline: Timeline = {
    get: () => state,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    apply(event) {
      dirty = true;
      switch (event.__typename) {
        case 'CaughtUp':
          // Without a snapshot it only says that what was missed has been told.
          if ('messages' in event.room) begin(event.room.messages);
          return;
        case 'Reset':
          return begin(event.room.messages);
        case 'MessageUpdated':
          return timeline.replace(event.message);
        case 'MessageSent':
        case 'MemberJoined':
        case 'MemberLeft':
        case 'RoomUpdated':
          newest.push([event.message]);
          for (const stretch of both()) stretch.refer(event.message);
      }
    },
    replace(message) {
      dirty = true;
      for (const stretch of both()) {
        stretch.replace(message);
        stretch.refer(message);
      }
    },
    extend(where, page) {
      dirty = true;
      const stretch = shown();
      if (where === 'earlier') {
        stretch.unshift(page.nodes);
        stretch.earlier = startOf(page);
      } else if (away) {
        away.push(page.nodes);
        away.later = endOf(page);
        meet();
      }
    },
    showAway(before, message, after) {
      dirty = true;
      away = fresh();
      away.push(before.nodes);
      if (message) away.push([message]);
      away.push(after.nodes);
      away.earlier = startOf(before);
      away.later = endOf(after);
      meet();
    },
    showNewest() {
      dirty = away !== null || dirty;
      away = null;
    },
    find(id) {
      for (const stretch of both()) {
        const found = stretch.messages[stretch.indexOf(id)];
        if (found) return found;
      }
      return null;
    },
    indexOf: (id) => shown().indexOf(id),
    flush() {
      if (!dirty) return;
      dirty = false;
      state = { ready, shown: shown().seen(), newest: newest.messages.at(-1) ?? null };
      for (const listener of listeners) listener();
    },
  };
  return timeline;
}

function startOf({ pageInfo }: MessagePage): string | null {
  return pageInfo.hasPreviousPage ? (pageInfo.startCursor ?? null) : null;
}

function endOf({ pageInfo }: MessagePage): string | null {
  return pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
}
