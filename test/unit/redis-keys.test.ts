import slotOf from 'cluster-key-slot';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directRoomId, newRoomId, newUserId } from '../../src/domain/ids.ts';
import {
  directoryKeys,
  rateKey,
  reactionKey,
  roomChannel,
  roomKeys,
  sessionKey,
  userChannel,
  userKeys,
  usernameKey,
} from '../../src/store/redis/keys.ts';
import { keySlot } from '../../src/store/redis/slot.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '{', '}', '{}', '}{', 'a}:timeline', '{x}', '*', 'a\r\nb', '\0', '__proto__', '../x', '\ud800'),
);
const emoji = fc.constantFrom('👍', '❤️', '👨‍👩‍👧‍👦', '🇩🇪', '#️⃣');

const slots = (keys: readonly string[]): Set<number> => new Set(keys.map((key) => slotOf(key)));

describe('keys', () => {
  it('S23 puts every key and the channel of a room in one slot, whatever its id', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.constant(newRoomId())), emoji, (id, face) => {
        expect(slots([...Object.values(roomKeys(id)), reactionKey(id, 7, face)]).size).toBe(1);
      }),
    );
  });

  it('S23 puts every key and the channel of a user in one slot, whatever the id', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.constant(newUserId())), anyText, (id, hash) => {
        expect(slots([...Object.values(userKeys(id)), sessionKey(id, hash)]).size).toBe(1);
      }),
    );
  });

  it('puts the keys of a directory in one slot', () => {
    expect(slots(Object.values(directoryKeys('users'))).size).toBe(1);
    expect(slots(Object.values(directoryKeys('rooms'))).size).toBe(1);
  });

  it('spells ids of ours as they are', () => {
    const [a, b, room] = [newUserId(), newUserId(), newRoomId()];
    expect(roomKeys(room).timeline).toBe(`{room:${room}}:timeline`);
    expect(roomKeys(directRoomId(a, b)).room).toBe(`{room:${directRoomId(a, b)}}`);
    expect(roomChannel(room)).toBe(`chat:{room:${room}}`);
    expect(userChannel(a)).toBe(`chat:{user:${a}}`);
    expect(sessionKey(a, 'ab'.repeat(32))).toBe(`{user:${a}}:session:${'ab'.repeat(32)}`);
    expect(usernameKey('Bob.Smith-1')).toBe('username:bob.smith-1');
    expect(reactionKey(room, 12, '👍')).toBe(`{room:${room}}:reactions:12:f09f918d`);
  });

  it('S23 lets no id reach a key of another: different ids never share one, and none has a separator of ours in it', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const [left, right] = [Object.values(roomKeys(a)), new Set(Object.values(roomKeys(b)))];
        if (a !== b) expect(left.filter((key) => right.has(key))).toEqual([]);
        expect(roomKeys(a).room).toMatch(/^\{room:[0-9A-Za-z_-]{1,64}\}$/);
        expect(userKeys(a).user).toMatch(/^\{user:[0-9A-Za-z_-]{1,64}\}$/);
        expect(usernameKey(a)).toMatch(/^username:[0-9A-Za-z_.:-]{1,64}$/);
        expect(sessionKey('u1', a)).toMatch(/^\{user:u1\}:session:[0-9A-Za-z_-]{1,64}$/);
        expect(rateKey(a)).toMatch(/^rate:[0-9A-Za-z_-]{32}$/);
      }),
    );
  });

  it('knows slots as a cluster does', () => {
    fc.assert(
      fc.property(
        anyText.map((key) => key.toWellFormed()),
        (key) => {
          expect(keySlot(key)).toBe(slotOf(key));
        },
      ),
    );
    expect(keySlot('123456789')).toBe(0x31c3);
  });
});
