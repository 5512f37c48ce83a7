import { describe, expect, it } from 'vitest';
import type { Position } from '../../src/domain/position.ts';
import { judge, type Seen, type TruthEvent } from '../support/checker.ts';

const epoch = 'aaaaaaaaaaaa';
const place = (number: number): Position => ({ epoch, number });
// 1..9: entries, but 5 edits entry 2, 8 removes bob.
const truth: TruthEvent[] = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => ({
  epoch,
  number,
  entry: number === 5 ? 2 : number,
  id: `m${number === 5 ? 2 : number}`,
  ...(number === 8 ? { removes: 'bob' } : {}),
}));
const event = (number: number, changed = number): Seen => {
  const real = truth[number - 1];
  return { type: 'event', position: place(number), entry: real?.entry ?? number, id: real?.id ?? `m${number}`, changed };
};
const connect = (after: number | null, reached = 0): Seen => ({
  type: 'connect',
  after: after === null ? null : place(after),
  reached,
});
const live = [connect(0), ...truth.map(({ number }) => event(number))];
const end = place(9);

describe('the checker', () => {
  it('finds nothing wrong with a perfect log', () => {
    expect(judge(truth, live, { end })).toEqual([]);
  });

  it('allows a change to be skipped where a later state holds it', () => {
    const log = [connect(0), event(1), event(2, 5), event(3), event(4), event(6), event(7), event(8), event(9)];
    expect(judge(truth, log, { end })).toEqual([]);
  });

  it.each([
    ['one gap', [...live.slice(0, 4), ...live.slice(5)], /missing: event 4/],
    ['one lost edit', live.filter((seen) => seen.type !== 'event' || seen.position.number !== 5), /missing: change 5/],
    ['one duplicate', [...live.slice(0, 4), ...live.slice(3)], /twice: event 3/],
    ['one swap', [...live.slice(0, 3), live[4], live[3], ...live.slice(5)] as Seen[], /out of order: event 3/],
    [
      'one fork',
      live.map((seen) => (seen.type === 'event' && seen.position.number === 7 ? { ...seen, id: 'other' } : seen)),
      /forked: event 7/,
    ],
    ['an event the store never kept', [...live, { ...event(9), position: place(10) } as Seen], /forked: event 10/],
    ['a stop before the end', live.slice(0, -1), /missing: event 9/],
    [
      'a gap hidden by the end of the replay',
      [connect(0), event(1), { type: 'caught-up', position: place(9) } as Seen],
      /missing: event 9/,
    ],
  ])('catches %s', (_, log, fault) => {
    expect(judge(truth, log, { end }).join('\n')).toMatch(fault);
  });

  it('catches one event after a kick', () => {
    expect(judge(truth, live, { end, userId: 'bob' })).toEqual(['after removal: event 9']);
    expect(judge(truth, live.slice(0, 9), { end, userId: 'bob' })).toEqual([]);
    expect(judge(truth, [...live.slice(0, 9), { type: 'removed' }, { type: 'caught-up', position: place(8) }], { end })).toEqual([
      'after removal: caught-up 8',
    ]);
  });

  it('lets one who came back see the kick in a replay', () => {
    expect(judge(truth, [connect(6, 9), event(7), event(8), event(9)], { end, userId: 'bob' })).toEqual([]);
  });

  it('forgives what a fork took only where it was told', () => {
    const lost: Seen = { type: 'event', position: place(4), entry: 4, id: 'lost', changed: 4 };
    const told: Seen = { type: 'reset', position: place(9), reason: 'FORKED' };
    expect(judge(truth, [connect(3), lost, told], { end })).toEqual([]);
    expect(judge(truth, [connect(3), lost, { ...told, reason: 'TOO_FAR' } as Seen], { end }).join()).toMatch(/forked/);
  });
});
