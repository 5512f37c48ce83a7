import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/domain/message.ts';
import { decodeEntry, decodeMembership, decodeRoom, encodeExtra, ROOM_FIELDS } from '../../src/store/redis/codec.ts';
import { decodeRoomNews, decodeUserNews, encodeSignal } from '../../src/store/redis/news.ts';
import { asNumber, asTexts, rows, UnreadableError } from '../../src/store/redis/reply.ts';

const text = fc.string({ unit: 'grapheme' });
const count = fc.nat({ max: 2 ** 40 });
const positive = count.map((number) => number + 1);

/** An entry as the scripts write it, with what it means. */
const entries = fc
  .record({
    number: positive,
    kind: fc.nat({ max: 3 }),
    author: text,
    at: count,
    ordinal: count,
    body: text,
    extra: fc.record(
      {
        e: count,
        d: count,
        r: positive,
        c: positive,
        m: fc.array(text, { minLength: 1 }),
        k: text,
        x: fc.array(fc.tuple(text, positive, fc.array(text, { minLength: 1 })), { minLength: 1 }),
        v: positive,
        o: fc.constantFrom('OWNER' as const, 'MODERATOR' as const, 'MEMBER' as const),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ number, kind, author, at, ordinal, body, extra }) => ({
    entry: [number, kind, author, at, ordinal, body, ...(Object.keys(extra).length > 0 ? [extra] : [])] as unknown[],
    message: {
      roomId: 'r1',
      number,
      at,
      kind: (['TEXT', 'MEMBER_JOINED', 'MEMBER_LEFT', 'ROOM_UPDATED'] as const)[kind] ?? 'TEXT',
      authorId: author,
      body,
      ordinal,
      changed: extra.v ?? number,
      editedAt: extra.e ?? null,
      deletedAt: extra.d ?? null,
      replyTo: extra.r ?? null,
      replyCount: extra.c ?? 0,
      reactions: (extra.x ?? []).map(([emoji, total, firstUserIds]) => ({ emoji, count: total, firstUserIds })),
      mentions: extra.m ?? [],
      idempotencyKey: extra.k ?? null,
      role: extra.o ?? null,
    } satisfies Message,
  }));

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  entries.chain(({ entry }) =>
    fc.tuple(fc.nat({ max: 7 }), fc.jsonValue()).map(([at, value]) => JSON.stringify(entry.with(at % entry.length, value))),
  ),
);

describe('the codec', () => {
  it('reads every entry that the scripts write', () => {
    fc.assert(
      fc.property(entries, ({ entry, message }) => {
        expect(decodeEntry('r1', JSON.stringify(entry))).toEqual(message);
      }),
    );
  });

  it('F3 passes over what it does not know yet', () => {
    const [entry] = [[1, 0, 'u1', 5, 1, 'x', { zz: [1], k: 'key' }, 'more']];
    expect(decodeEntry('r1', JSON.stringify(entry))).toMatchObject({ body: 'x', idempotencyKey: 'key' });
  });

  it('F28 reads anything at all, or refuses it, without throwing', () => {
    fc.assert(
      fc.property(hostile, (poison) => {
        const message = decodeEntry('r1', poison);
        if (message) expect(message.number).toBeGreaterThan(0);
        decodeRoomNews('r1', poison);
        decodeUserNews(poison);
        decodeRoomNews('r1', `{"e":"0123456789ab","n":1,"m":${poison}}`);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '',
    'null',
    '7',
    '"x"',
    '{}',
    '[]',
    '[0,0,"u",1,1,"x"]',
    '[1.5,0,"u",1,1,"x"]',
    '[-1,0,"u",1,1,"x"]',
    '[1,4,"u",1,1,"x"]',
    '[1,0,7,1,1,"x"]',
    '[1,0,"u",-1,1,"x"]',
    '[1,0,"u",1,"1","x"]',
    '[1,0,"u",1,1,null]',
    '[1,0,"u",1,1,"x",[]]',
    '[1,0,"u",1,1,"x",{"e":"1"}]',
    '[1,0,"u",1,1,"x",{"m":["a",1]}]',
    '[1,0,"u",1,1,"x",{"m":{}}]',
    '[1,0,"u",1,1,"x",{"x":[["a",1]]}]',
    '[1,0,"u",1,1,"x",{"x":[null]}]',
    '[1,0,"u",1,1,"x",{"o":"KING"}]',
    '[1,0,"u",1,1,"x",{"k":{}}]',
  ])('F28 refuses the entry %s', (poison) => expect(decodeEntry('r1', poison)).toBeNull());

  it('F28 refuses events whose number or epoch cannot be', () => {
    const event = (e: unknown, n: unknown, v = 9) => JSON.stringify({ e, n, m: [3, 0, 'u1', 5, 1, 'x', { v }] });
    expect(decodeRoomNews('r1', event('0123456789ab', 3))).toMatchObject({ type: 'message-sent', position: { number: 3 } });
    expect(decodeRoomNews('r1', event('0123456789ab', 9))).toMatchObject({ type: 'message-updated', position: { number: 9 } });
    for (const [e, n] of [
      ['0123456789AB', 9],
      ['x', 9],
      [7, 9],
      ['0123456789ab', 8],
      ['0123456789ab', '9'],
      ['0123456789ab', 2],
    ])
      expect(decodeRoomNews('r1', event(e, n))).toBeNull();
  });

  it('F28 refuses news of five megabytes', () => {
    const news = JSON.stringify({ e: '0123456789ab', n: 1, m: [1, 0, 'u1', 5, 1, 'x'.repeat(5_000_000)] });
    expect(decodeRoomNews('r1', news)).toBeNull();
    expect(decodeUserNews(JSON.stringify({ t: 'rooms', r: 'x'.repeat(5_000_000) }))).toBeNull();
  });

  it('brings signals back as they went', () => {
    const userId = 'u1';
    for (const signal of [
      { type: 'typing', userId, expiresAt: 5 },
      { type: 'presence-changed', userId, online: false, lastSeenAt: null },
      { type: 'presence-changed', userId, online: true, lastSeenAt: 5 },
      { type: 'receipt-moved', userId, receipt: { number: 1, ordinal: 2, messageAt: 3, readAt: 4 } },
    ] as const)
      expect(decodeRoomNews('r1', encodeSignal(signal))).toEqual(signal);
    for (const news of [
      '{"t":"typing"}',
      '{"t":"typing","u":1,"x":1}',
      '{"t":"read","u":"u","r":[1,2,3]}',
      '{"t":"presence","u":"u","o":1,"s":1}',
      '{"t":"x","u":"u"}',
    ])
      expect(decodeRoomNews('r1', news)).toBeNull();
    expect(decodeUserNews('{"t":"rooms","r":"r1"}')).toEqual({ type: 'rooms-changed', roomId: 'r1' });
    expect(decodeUserNews('{"t":"session","s":"s1"}')).toEqual({ type: 'session-revoked', sessionId: 's1' });
    expect(decodeUserNews('{"t":"session"}')).toBeNull();
  });

  it('writes of a message only what applies', () => {
    expect(encodeExtra({ replyTo: null, mentions: [], idempotencyKey: null })).toBe('');
    expect(encodeExtra({ replyTo: 3, mentions: ['u1'], idempotencyKey: 'k' })).toBe('{"r":3,"m":["u1"],"k":"k"}');
  });

  it('reads every idempotency key as it was given, and stores the usual ones in half', () => {
    const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 });
    const dashed = hex.map((digits) => digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'));
    const printable = fc.string({
      unit: fc.integer({ min: 33, max: 126 }).map((point) => String.fromCharCode(point)),
      minLength: 1,
    });
    const packed = fc.string({ unit: fc.constantFrom(...'ABab01-_'), minLength: 22, maxLength: 22 });
    const key = fc.oneof(
      hex,
      dashed,
      printable,
      packed,
      hex.map((digits) => digits.toUpperCase()),
      dashed.map((text) => `${text}0`),
    );
    fc.assert(
      fc.property(key, (idempotencyKey) => {
        const extra = encodeExtra({ replyTo: null, mentions: [], idempotencyKey });
        expect(decodeEntry('r1', `[1,0,"u1",5,1,"x",${extra}]`)?.idempotencyKey).toBe(idempotencyKey);
        if (/^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/.test(idempotencyKey)) expect(extra.length).toBeLessThan(32);
      }),
    );
    for (const extra of ['{"u":"short"}', '{"h":7}', '{"u":"!!!!!!!!!!!!!!!!!!!!!!"}']) {
      expect(decodeEntry('r1', `[1,0,"u1",5,1,"x",${extra}]`)).toBeNull();
    }
  });

  it('reads rooms and memberships, and says so where they are damaged', () => {
    const fields = ['PUBLIC', 'General', null, '5', '2', '0123456789ab', '9', '7'];
    expect(fields).toHaveLength(ROOM_FIELDS.length);
    expect(decodeRoom('r1', fields)).toEqual({
      id: 'r1',
      kind: 'PUBLIC',
      name: 'General',
      topic: null,
      createdAt: 5,
      memberCount: 2,
      position: { epoch: '0123456789ab', number: 9 },
      activeAt: 7,
    });
    expect(decodeRoom('r1', [null])).toBeNull();
    expect(() => decodeRoom('r1', fields.with(0, 'OPEN'))).toThrow(UnreadableError);
    expect(() => decodeRoom('r1', fields.with(3, 'x'))).toThrow(UnreadableError);
    expect(decodeMembership('r1', 'u1', ['MEMBER 5', '1 2 3 4', 6])).toEqual({
      roomId: 'r1',
      userId: 'u1',
      role: 'MEMBER',
      joinedAt: 5,
      receipt: { number: 1, ordinal: 2, messageAt: 3, readAt: 4 },
      unreadCount: 6,
    });
    expect(decodeMembership('r1', 'u1', ['', '', 0])).toBeNull();
    expect(() => decodeMembership('r1', 'u1', ['KING 5', '1 2 3 4', 6])).toThrow(UnreadableError);
  });

  it('reads replies of the type that is relied on, or throws', () => {
    expect([asNumber(7), asNumber('7')]).toEqual([7, 7]);
    for (const reply of ['', 'x', 1.5, null, undefined, {}]) expect(() => asNumber(reply)).toThrow(UnreadableError);
    expect(() => asTexts(['a', 1])).toThrow(UnreadableError);
    expect(rows([1, 2, 3, 4, 5], 2)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});
