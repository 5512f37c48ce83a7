import { describe, expect, it } from 'vitest';
import type { RoomEvent } from '../../../web/src/room/documents.ts';
import { createTimeline, type Timeline } from '../../../web/src/room/timeline.ts';
import { caughtUp, message, page, reset, sent } from './fixtures.ts';

function timelineAfter(...events: RoomEvent[]): Timeline {
  const timeline = createTimeline();
  for (const event of events) timeline.apply(event);
  timeline.flush();
  return timeline;
}
const ids = (timeline: Timeline) => {
  timeline.flush();
  return timeline.get().shown.messages.map(({ id }) => id);
};

describe('a room on the screen', () => {
  it('is the snapshot and what follows it', () => {
    const timeline = timelineAfter(caughtUp(['a', 'b']), sent('c'));
    expect(timeline.get().ready).toBe(true);
    expect(ids(timeline)).toEqual(['a', 'b', 'c']);
  });

  it('shows a message once that is in the snapshot and comes again as an event', () => {
    expect(ids(timelineAfter(caughtUp(['a', 'b']), sent('b'), sent('c'), sent('c')))).toEqual(['a', 'b', 'c']);
  });

  it('keeps what it has when it has caught up without a snapshot', () => {
    const resumed: RoomEvent = { __typename: 'CaughtUp', cursor: 'e.3', room: { id: 'r1' } };
    expect(ids(timelineAfter(caughtUp(['a']), sent('b'), resumed, sent('c')))).toEqual(['a', 'b', 'c']);
  });

  it('begins anew at a reset', () => {
    const timeline = timelineAfter(caughtUp(['a']), sent('b'));
    const before = timeline.get().shown.name;
    timeline.apply(reset(['x', 'y']));
    timeline.apply(sent('z'));
    expect(ids(timeline)).toEqual(['x', 'y', 'z']);
    expect(timeline.get().shown.name).not.toBe(before);
  });

  it('puts a changed message where it was, and leaves out one that is not shown', () => {
    const changed = (id: string): RoomEvent => ({
      __typename: 'MessageUpdated',
      cursor: 'e.4',
      message: message(id, { body: 'new' }),
    });
    const timeline = timelineAfter(caughtUp(['a', 'b']), changed('a'), changed('long-ago'));
    expect(timeline.get().shown.messages.map(({ body }) => body)).toEqual(['new', 'b']);
  });

  it('puts earlier messages before, and what changes still finds its place', () => {
    const timeline = timelineAfter(caughtUp(['c', 'd'], 'cursor-c'));
    expect(timeline.get().shown.earlier).toBe('cursor-c');
    timeline.extend('earlier', page(['a', 'b', 'c']));
    expect(ids(timeline)).toEqual(['a', 'b', 'c', 'd']);
    expect(timeline.get().shown.earlier).toBe(null);
    timeline.replace(message('b', { body: 'new' }));
    timeline.flush();
    expect(timeline.find('b')?.body).toBe('new');
    expect(timeline.get().shown.messages[1]?.body).toBe('new');
  });

  it('counts the answers of a message with each answer', () => {
    const replyTo = { id: 'a', kind: 'TEXT', body: 'a', deletedAt: null, replyCount: 2, author: null } as const;
    const timeline = timelineAfter(caughtUp(['a', 'b']), sent('c', { replyTo }));
    expect(timeline.find('a')?.replyCount).toBe(2);
  });

  it('is seen to change only when it is drawn', () => {
    const timeline = timelineAfter(caughtUp(['a']));
    let drawn = 0;
    timeline.watch(() => {
      drawn += 1;
    });
    const before = timeline.get();
    for (let n = 0; n < 1000; n += 1) timeline.apply(sent(`m${n}`));
    expect(timeline.get()).toBe(before);
    timeline.flush();
    timeline.flush();
    expect(drawn).toBe(1);
    expect(timeline.get().shown.messages.length).toBe(1001);
  });
});

describe('a visit to the past', () => {
  it('shows what lies around a message, while new ones go on coming behind it', () => {
    const timeline = timelineAfter(caughtUp(['x', 'y'], 'cx'));
    timeline.showAway(page(['a', 'b'], 'ca'), message('c'), page(['d', 'e'], 'cd', 'ce'));
    timeline.apply(sent('z'));
    expect(ids(timeline)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(timeline.get().newest?.id).toBe('z');
    timeline.showNewest();
    expect(ids(timeline)).toEqual(['x', 'y', 'z']);
  });

  it('ends where it meets the newest', () => {
    const timeline = timelineAfter(caughtUp(['x', 'y'], 'cx'));
    timeline.showAway(page(['a'], 'ca'), message('b'), page(['c'], 'cc', 'cc'));
    timeline.flush();
    const { name } = timeline.get().shown;
    timeline.extend('later', page(['d', 'x'], 'cd', 'cx'));
    timeline.apply(sent('z'));
    expect(ids(timeline)).toEqual(['a', 'b', 'c', 'd', 'x', 'y', 'z']);
    expect(timeline.get().shown).toMatchObject({ name, earlier: 'ca', later: null });
  });

  it('is no visit where it reaches the end at once', () => {
    const timeline = timelineAfter(caughtUp(['b', 'c'], 'cb'), sent('d'));
    timeline.showAway(page([]), null, page(['a', 'b', 'c']));
    expect(ids(timeline)).toEqual(['a', 'b', 'c', 'd']);
    timeline.apply(sent('e'));
    expect(ids(timeline)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
