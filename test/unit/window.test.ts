import { describe, expect, it } from 'vitest';
import { eventOf, type RoomEvent } from '../../src/domain/event.ts';
import type { Message } from '../../src/domain/message.ts';
import type { Position } from '../../src/domain/position.ts';
import { createWindow } from '../../src/realtime/window.ts';
import { createRandom } from '../support/random.ts';

const epoch = 'aaaaaaaaaaaa';
const place = (number: number): Position => ({ epoch, number });

const text = (number: number, changed = number): Message => ({
  roomId: 'r00000000000room',
  number,
  at: number,
  kind: 'TEXT',
  authorId: 'u1',
  body: `as of ${changed}`,
  ordinal: number,
  changed,
  editedAt: null,
  deletedAt: null,
  replyTo: null,
  replyCount: 0,
  reactions: [],
  mentions: [],
  idempotencyKey: null,
  role: null,
});

// What the store would answer: the reference.
function replay(entries: ReadonlyMap<number, Message>, after: number): [number, string][] {
  const events: [number, string][] = [];
  for (const message of entries.values()) {
    const number = message.number > after ? message.number : message.changed;
    if (number > after) events.push([number, `${message.number} ${message.body}`]);
  }
  return events.sort((a, b) => a[0] - b[0]);
}

const shape = (events: readonly RoomEvent[] | null) =>
  events?.map(({ position, message }) => [position.number, `${message.number} ${message.body}`]) ?? null;

describe('P5 the window answers as the store would', () => {
  it('for every position it covers, whatever was sent, edited and trimmed', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = createRandom(seed);
      const entries = new Map<number, Message>();
      const window = createWindow(place(0), { events: 10, bytes: 1e9 });
      for (let number = 1; number <= 60; number += 1) {
        const edited = number > 1 && random.chance(0.4) ? random.pick([...entries.keys()]) : number;
        const message = text(edited, number);
        entries.set(edited, message);
        window.apply(eventOf(place(number), message), 100);
        window.trim();
        for (let after = 0; after <= number; after += 1) {
          const answer = shape(window.since(place(after)));
          if (answer) expect(answer, `seed ${seed}, after ${after} of ${number}`).toEqual(replay(entries, after));
        }
        expect(shape(window.since(place(number)))).toEqual([]);
      }
    }
  });

  it('reaches further back once a replay has filled it, and not further', () => {
    const window = createWindow(place(10), { events: 100, bytes: 1e9 });
    window.apply(eventOf(place(11), text(11)), 1);
    expect(window.since(place(8))).toBeNull();
    window.extend(
      place(8),
      [9, 10, 11].map((number) => eventOf(place(number), text(number))),
      place(11),
    );
    expect(shape(window.since(place(8)))?.map(([number]) => number)).toEqual([9, 10, 11]);
    expect(window.since(place(7))).toBeNull();
  });

  it('P2 answers a cursor of another epoch only as far as that epoch is known to have survived', () => {
    const window = createWindow({ epoch: 'bbbbbbbbbbbb', number: 5 }, { events: 100, bytes: 1e9 });
    window.extend({ epoch: 'bbbbbbbbbbbb', number: 5 }, [], place(6));
    expect(window.since({ epoch: 'bbbbbbbbbbbb', number: 5 })).toEqual([]);
    expect(window.since({ epoch: 'bbbbbbbbbbbb', number: 6 })).toBeNull();
    expect(window.since({ epoch: 'cccccccccccc', number: 5 })).toBeNull();
  });

  it('P2 does not answer a cursor that claims more than the room has reached', () => {
    const window = createWindow(place(5), { events: 100, bytes: 1e9 });
    expect(window.since({ epoch, number: 5, through: 6 })).toBeNull();
    expect(window.since(place(6))).toBeNull();
  });

  it('gives the same array for the same question, so that many readers share it', () => {
    const window = createWindow(place(0), { events: 100, bytes: 1e9 });
    window.apply(eventOf(place(1), text(1)), 1);
    expect(window.since(place(0))).toBe(window.since(place(0)));
  });
});
