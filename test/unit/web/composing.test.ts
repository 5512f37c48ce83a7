import { describe, expect, it } from 'vitest';
import { initialsOf } from '../../../web/src/base/avatar.tsx';
import { messageHref, parseRoute, roomHref } from '../../../web/src/base/route.ts';
import { excerpt } from '../../../web/src/message/markdown.tsx';
import { completionAt, matching } from '../../../web/src/room/completion.ts';
import type { Member } from '../../../web/src/room/documents.ts';
import { readersOf } from '../../../web/src/room/receipts.ts';
import { inOrder } from '../../../web/src/rooms/order.ts';
import { message } from './fixtures.ts';

describe('completing a mention', () => {
  it.each([
    ['@al', 3, { start: 0, prefix: 'al' }],
    ['Hi @Al, how', 6, { start: 3, prefix: 'al' }],
    ['Hi @', 4, { start: 3, prefix: '' }],
    ['mail@example', 12, null],
    ['@alice done', 11, null],
  ])('in %j at %i', (text, caret, found) => {
    expect(completionAt(text, caret)).toEqual(found);
  });

  it('offers those whose name has a word that begins so', () => {
    const people = [
      { id: '1', username: 'alice', displayName: 'Alice Stone' },
      { id: '2', username: 'bob', displayName: 'Bob Steel' },
    ];
    expect(matching(people, 'st').map(({ id }) => id)).toEqual(['1', '2']);
    expect(matching(people, 'bo').map(({ id }) => id)).toEqual(['2']);
  });
});

describe('addresses', () => {
  it('name a room, a message in it, or the directory', () => {
    expect(parseRoute(roomHref('r1'))).toEqual({ roomId: 'r1', messageId: null, directory: false });
    expect(parseRoute(messageHref('r1', 'm1'))).toEqual({ roomId: 'r1', messageId: 'm1', directory: false });
    expect(parseRoute('#/rooms').directory).toBe(true);
  });

  it.each(['', '#', '#/', '#/nonsense', '#/room', '#/room/', '#/room/%E0%A4%A'])('that say nothing are home: %j', (hash) => {
    expect(parseRoute(hash)).toEqual({ roomId: null, messageId: null, directory: false });
  });
});

describe('receipts', () => {
  const member = (id: string, lastReadMessageId: string | null): Member => ({
    ...{ room: { id: 'r' }, role: 'MEMBER', joinedAt: '2026-01-01T00:00:00.000Z', lastReadMessageId, lastReadAt: null },
    user: { id, username: id, displayName: id, isBot: false },
  });
  const messages = ['a', 'b', 'c'].map((id) => message(id, { author: { id: 'u2', username: 'u2', displayName: 'u2' } }));
  const indexOf = (id: string) => messages.findIndex((one) => one.id === id);

  it('stand at the last message each has read: never the own, never one of the past that is not shown', () => {
    const readers = readersOf(
      [member('me', 'c'), member('u1', 'b'), member('u3', 'long-ago'), member('u4', null)],
      messages,
      indexOf,
      'me',
    );
    expect([...readers].map(([id, who]) => [id, who.map(({ user }) => user.id)])).toEqual([['b', ['u1']]]);
  });

  it('are not shown before what that member wrote: they have read up to there', () => {
    expect(readersOf([member('u2', 'a')], messages, indexOf, 'me').size).toBe(0);
  });
});

describe('small things', () => {
  it('the list has the most recently active room first', () => {
    const at = (id: string, second: number) => ({ room: { id, lastMessage: { createdAt: `2026-01-01T00:00:0${second}.000Z` } } });
    const empty = { room: { id: 'd', lastMessage: null } };
    expect(inOrder([at('a', 1), empty, at('b', 3), at('c', 2)]).map(({ room }) => room.id)).toEqual(['b', 'c', 'a', 'd']);
  });

  it('initials are letters of any script, or a question mark', () => {
    expect([initialsOf('Ann Lee'), initialsOf('bob'), initialsOf('(Ø) 王'), initialsOf('…')]).toEqual(['AL', 'B', 'Ø王', '?']);
  });

  it('an excerpt is one line without marks, of bounded length', () => {
    expect(excerpt('**Bold** and\n`code`')).toBe('Bold and code');
    expect(excerpt('# Head\n> quoted _so_ and __so__\n\n| a | b |\n|---|:-:|\n| c | d |\n```ts\nlet a;\n```')).toBe(
      'Head quoted so and so a b c d let a;',
    );
    // What only looks like marks stays.
    expect(excerpt('snake_case_name, 2 * 3 * 4, a > b, C# and /page#part')).toBe(
      'snake_case_name, 2 * 3 * 4, a > b, C# and /page#part',
    );
    for (const hostile of ['*', '_', '`', '~~', '*a ', '_a ', '|', '> '])
      expect(excerpt(hostile.repeat(4000)).length).toBeLessThan(300);
    expect([...excerpt('é'.repeat(500), 10)].length).toBeLessThan(15);
  });
});
