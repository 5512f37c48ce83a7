import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Frames } from '../../src/transport/frames.ts';
import { createRandom } from '../support/random.ts';

/** What arrives at the other end of the line. */
function written(frames: Frames): Buffer {
  const line = new PassThrough();
  frames.writeTo(line);
  return line.read();
}

const none = new Frames();

describe('frames that leave together', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536])('carry a text of %i bytes', (length) => {
    const text = 'x'.repeat(length);
    const frame = written(none.and(text.slice(0, 3), text.slice(3)));
    const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    expect(frame[0]).toBe(0x81);
    expect(frame[1]).toBe(length < 126 ? length : length < 65_536 ? 126 : 127);
    if (head === 4) expect(frame.readUInt16BE(2)).toBe(length);
    if (head === 10) expect(frame.readBigUInt64BE(2)).toBe(BigInt(length));
    expect(frame.toString('latin1', head)).toBe(text);
  });

  it('are the same for all who are told the same, and other ones for whoever is not', () => {
    const one = none.and('{"id":"1",', '"a"}');
    expect(none.and('{"id":"1",', '"a"}')).toBe(one);
    const two = one.and('{"id":"1",', '"b"}');
    expect(none.and('{"id":"1",', '"a"}').and('{"id":"1",', '"b"}')).toBe(two);
    expect(none.and('{"id":"2",', '"a"}')).not.toBe(one);
    // However many write them.
    for (let reader = 0; reader < 20; reader += 1)
      expect(written(two).toString('latin1')).toBe('\x81\x0e{"id":"1","a"}\x81\x0e{"id":"1","b"}');
  });

  it('are what each was told, whoever else was told what in between', () => {
    const random = createRandom(20_260_101);
    for (let round = 0; round < 50; round += 1) {
      const start = new Frames();
      const readers = Array.from({ length: 5 }, () => ({ frames: start, told: '' }));
      for (let step = 0; step < 40; step += 1) {
        const reader = random.pick(readers);
        const [first, rest] = [random.pick(['a', 'bb']), random.pick(['', 'c', 'é', 'ccc'])];
        reader.frames = reader.frames.and(first, rest);
        reader.told += `\x81${String.fromCharCode(first.length + rest.length)}${first}${rest}`;
      }
      for (const { frames, told } of Array.from({ length: 10 }, () => readers).flat()) {
        expect(frames.bytes).toBe(told.length);
        if (told !== '') expect(written(frames).toString('latin1')).toBe(told);
      }
    }
  });
});
