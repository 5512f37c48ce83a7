import { describe, expect, it } from 'vitest';
import { DomainError, rateLimited, StaleGuardError } from '../../src/domain/errors.ts';
import { isRoomId } from '../../src/domain/ids.ts';
import { defaultRoomId } from '../../src/services/default-room.ts';
import { pageOf, pageSize, parseTimelineCursor } from '../../src/services/page.ts';
import { retryWhenStale } from '../../src/services/retry.ts';
import { hashToken, newSessionId, newToken, tokenUser } from '../../src/services/tokens.ts';
import { words } from '../../src/services/words.ts';

const failing = (times: number, error: Error) => {
  let runs = 0;
  const attempt = async () => {
    runs += 1;
    if (runs <= times) throw error;
    return runs;
  };
  return { attempt, runs: () => runs };
};

describe('judging again when a role has changed', () => {
  it('repeats until the facts hold still', async () => {
    expect(await retryWhenStale(failing(3, new StaleGuardError()).attempt)).toBe(4);
  });

  it('is bounded: CONFLICT', async () => {
    const { attempt, runs } = failing(1e9, new StaleGuardError());
    await expect(retryWhenStale(attempt)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(runs()).toBe(8);
  });

  it('repeats nothing else', async () => {
    const { attempt, runs } = failing(1, new DomainError('UNAVAILABLE', 'gone'));
    await expect(retryWhenStale(attempt)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(runs()).toBe(1);
  });
});

describe('page arguments', () => {
  it.each([0, -1, 101, -(2 ** 31), 2 ** 31 - 1])('refuses first: %d, naming it', (first) => {
    expect(() => pageSize('first', first, 100)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', field: 'first' }));
    expect(() => pageSize('last', first, 100)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', field: 'last' }));
  });

  it('takes what is asked, else the default, never more than the limit', () => {
    expect([1, 100, null, undefined].map((first) => pageSize('first', first, 100))).toEqual([1, 100, 50, 50]);
    expect(pageSize('first', null, 20)).toBe(20);
    expect(pageSize('first', null, 100, 10)).toBe(10);
  });

  it.each(['', 'x', '0', 'abcdefabcdef', 'abcdefabcdef.-1', 'abcdefabcdef.1e9', '__proto__'])(
    'refuses the cursor %j, naming it',
    (cursor) => {
      expect(() => parseTimelineCursor('before', cursor)).toThrow(
        expect.objectContaining({ code: 'BAD_USER_INPUT', field: 'before' }),
      );
    },
  );

  it('goes on from where the list was read, also past entries that were left out', () => {
    const more = { hasNextPage: true, hasPreviousPage: false };
    expect(pageOf([], { ...more, end: 'c9' })).toMatchObject({ startCursor: null, endCursor: 'c9' });
    expect(pageOf([{ node: 1, cursor: 'c1' }], more)).toMatchObject({ startCursor: 'c1', endCursor: 'c1' });
  });
});

describe('tokens', () => {
  it('carry their user and 256 random bits', () => {
    const userId = `u${'a'.repeat(15)}`;
    const tokens = Array.from({ length: 100 }, () => newToken(userId));
    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) {
      expect(tokenUser(token)).toBe(userId);
      expect(Buffer.from(token.slice(17), 'base64url')).toHaveLength(32);
      expect(hashToken(token)).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it.each([
    '',
    '.',
    'u',
    'constructor',
    `u${'a'.repeat(15)}.`,
    `u${'a'.repeat(15)}.${'x'.repeat(42)}`,
    `u${'a'.repeat(15)}.${'x'.repeat(44)}`,
  ])('%j is none', (text) => expect(tokenUser(text)).toBeNull());

  it('name their session apart', () => {
    expect(newSessionId()).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('the default room', () => {
  it('has the same id in every process, whatever the case of its name', () => {
    expect(defaultRoomId('General')).toBe(defaultRoomId(' general '));
    expect(defaultRoomId('General')).not.toBe(defaultRoomId('Lobby'));
    for (const name of ['General', 'a', 'Ω', 'x'.repeat(80)]) expect(isRoomId(defaultRoomId(name))).toBe(true);
  });
});

describe('words', () => {
  it('say what happened without naming the one it happened to', () => {
    expect(words.updated('Tea', undefined)).toBe('renamed the room to Tea');
    expect(words.updated(undefined, null)).toBe('removed the topic');
    expect(words.updated('Tea', 'leaves')).toBe('renamed the room to Tea and changed the topic to leaves');
    expect(words.addedBy('Bob')).toBe('was added by Bob');
    expect(words.role('OWNER')).toBe('is now an owner');
  });

  it('a limit never says "now"', () => {
    expect(rateLimited(0)).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 1 });
    expect(rateLimited(1.2)).toMatchObject({ retryAfterMs: 2 });
  });
});
