import { eventOf, type RoomEvent } from '../domain/event.ts';
import type { Message } from '../domain/message.ts';
import { claims, type Position } from '../domain/position.ts';

/** The recent past of one room, in memory. It answers what a replay from the store would answer, for positions it covers. */
export interface Window {
  /** The last event taken in. */
  readonly head: Position;
  /** Takes in the next event (number = head + 1 of the head's epoch). */
  apply(event: RoomEvent, bytes: number): void;
  /** Takes in a replay that is complete from `from` to `until`; what is known better already stays. `from` is thereby known not to be lost. */
  extend(from: Position, events: readonly RoomEvent[], until: Position): void;
  /** Forgets everything and stands at `head`. */
  restart(head: Position): void;
  /** What happened after the cursor, as one replay; null where that is not known here. The same array for the same question. */
  since(cursor: Position): readonly RoomEvent[] | null;
  /** Shrinks to the bounds, oldest change first, once they are exceeded by a quarter (so that it costs nothing per event). */
  trim(): void;
}

interface Entry {
  readonly message: Message;
  readonly bytes: number;
}

// About what an event weighs on the wire, for those that come from a replay: the text is nearly all of it.
const weigh = (message: Message): number => 200 + message.body.length * 2;

/**
 * Kept the way the store keeps it: one present state per message, so an edit made while a reader was away merges here
 * exactly as it does there, and a replay from memory cannot differ from one from the store.
 *
 * @param bounds how many messages, and how many bytes of them, `trim` leaves
 */
export function createWindow(start: Position, bounds: { readonly events: number; readonly bytes: number }): Window {
  const entries = new Map<number, Entry>();
  // Other epochs of which a number is known to have survived, and the greatest such number.
  const survived = new Map<string, number>();
  let head = start;
  let floor = start.number;
  let bytes = 0;
  let answered: { cursor: number; head: number; events: readonly RoomEvent[] } | null = null;

  function put(message: Message, size: number): void {
    const known = entries.get(message.number);
    if (known && known.message.changed > message.changed) return;
    bytes += size - (known?.bytes ?? 0);
    entries.set(message.number, { message, bytes: size });
    answered = null;
  }

  function advance(next: Position): void {
    if (next.epoch !== head.epoch) survived.set(head.epoch, head.number);
    head = next;
    answered = null;
  }

  function covers(cursor: Position): boolean {
    if (cursor.number < floor || claims(cursor) > head.number) return false;
    return cursor.epoch === head.epoch || claims(cursor) <= (survived.get(cursor.epoch) ?? -1);
  }

  function collect(after: number): RoomEvent[] {
    const events: RoomEvent[] = [];
    for (const { message } of entries.values()) {
      const number = message.number > after ? message.number : message.changed;
      if (number > after) events.push(eventOf({ epoch: head.epoch, number, through: head.number }, message));
    }
    return events.sort((a, b) => a.position.number - b.position.number);
  }

  return {
    get head() {
      return head;
    },
    apply(event, size) {
      put(event.message, size);
      advance(event.position);
    },
    extend(from, events, until) {
      for (const { message } of events) put(message, weigh(message));
      floor = Math.min(floor, from.number);
      if (until.number > head.number || until.epoch !== head.epoch) advance(until);
      if (from.epoch !== head.epoch) survived.set(from.epoch, Math.max(claims(from), survived.get(from.epoch) ?? 0));
      answered = null;
    },
    restart(next) {
      entries.clear();
      survived.clear();
      bytes = 0;
      answered = null;
      head = next;
      floor = next.number;
    },
    since(cursor) {
      if (!covers(cursor)) return null;
      if (answered?.cursor !== cursor.number || answered.head !== head.number)
        answered = { cursor: cursor.number, head: head.number, events: collect(cursor.number) };
      return answered.events;
    },
    trim() {
      if (entries.size <= bounds.events * 1.25 && bytes <= bounds.bytes * 1.25) return;
      const oldestChangeFirst = [...entries.values()].sort((a, b) => a.message.changed - b.message.changed);
      for (const entry of oldestChangeFirst) {
        if (entries.size <= bounds.events && bytes <= bounds.bytes) break;
        entries.delete(entry.message.number);
        bytes -= entry.bytes;
        floor = Math.max(floor, entry.message.changed);
      }
      answered = null;
    },
  };
}
