import { describe, expect, it } from 'vitest';
import { atLeast, atMost, type Figure } from '../../bench/bench.ts';
import { drawCharts, ticks } from '../../bench/lib/chart.ts';
import { createRecording } from '../../bench/lib/recording.ts';
import { median, ratios, summarise } from '../../bench/lib/statistics.ts';
import { verdict } from '../../bench/lib/table.ts';
import { createCommandParser } from '../../bench/lib/wire-tap.ts';
import { BODY_LENGTH, bodyWith, wordIn } from '../../bench/load/bodies.ts';
import { clientFrame, createFrameReader, PING, TEXT } from '../../bench/load/frames.ts';

/** A frame as servers send it. */
function serverFrame(opcode: number, length: number): Buffer {
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 255])
        : Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255]);
  return Buffer.concat([head, Buffer.alloc(length, 'a')]);
}

describe('what the load generator reads', () => {
  it.each([true, false])('is counted exactly, however the bytes are cut (inspect: %s)', (inspect) => {
    for (const size of [1, 2, 3, 7, 100, 383, 385, 4096, 100_000]) {
      const lengths = [5, 384, size < 100 ? 400 : 70_000, 384, 0, 125, 126, 384];
      const stream = Buffer.concat([...lengths.map((length) => serverFrame(TEXT, length)), serverFrame(PING, 3)]);
      let counted = 0;
      const seen: string[] = [];
      const reader = createFrameReader(
        {
          counted(texts) {
            counted += texts;
          },
          frame: (opcode, _bytes, from, to) => void seen.push(`${opcode}:${to - from}`),
        },
        200,
      );
      reader.inspect = inspect;
      for (let at = 0; at < stream.length; at += size) {
        const piece = stream.subarray(at, at + size);
        reader.read(piece, piece.length);
      }
      const texts = lengths.filter((length) => inspect || length < 200).map((length) => `${TEXT}:${length}`);
      expect(counted).toBe(4);
      expect(seen).toEqual([...texts, `${PING}:3`]);
    }
  });

  it('carries a word in a message of the usual length', () => {
    const body = bodyWith('settle-1');
    const bytes = Buffer.from(`{"body":"${body}"}`);
    expect(body).toHaveLength(BODY_LENGTH);
    expect(wordIn(bytes, 0, bytes.length)).toBe('settle-1');
    expect(wordIn(bytes, 0, 5)).toBe('');
  });

  it('sends masked frames', () => {
    for (const length of [0, 125, 126, 70_000]) {
      const text = 'x'.repeat(length);
      const frame = clientFrame(TEXT, text);
      const head = frame.length - length - 4;
      const mask = frame.subarray(head, head + 4);
      expect((frame[1] ?? 0) & 0x80).toBe(0x80);
      expect(frame.subarray(head + 4).map((byte, index) => byte ^ (mask[index % 4] ?? 0))).toEqual(Buffer.from(text));
    }
  });
});

describe('what the wire tap reads', () => {
  it('is the commands with their first arguments, however the bytes are cut', () => {
    const bytes = Buffer.from(
      '*1\r\n$4\r\nping\r\n*3\r\n$7\r\nevalsha\r\n$4\r\nab\r\n\r\n$0\r\n\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n',
    );
    for (let size = 1; size <= bytes.length; size += 1) {
      const parse = createCommandParser();
      const found: (readonly string[])[] = [];
      for (let at = 0; at < bytes.length; at += size) found.push(...parse(bytes.subarray(at, at + size)));
      expect(found).toEqual([['PING'], ['EVALSHA', 'ab\r\n'], ['GET', 'k']]);
    }
  });
});

describe('figures', () => {
  const figure = (value: number): Figure => ({
    what: 'x',
    unit: '',
    measured: { median: value, least: value, most: value },
    must: atLeast(5),
    aim: atLeast(8),
  });

  it('are medians and nearest ranks', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(summarise(Array.from({ length: 100 }, (_, index) => 100 - index))).toEqual({
      ...{ n: 100, p50: 50, p90: 90, p99: 99, least: 1, most: 100 },
    });
  });

  it('compare only what was measured in the same round', () => {
    expect(ratios([10, 100, 30], [5, 10])).toEqual({ median: 6, least: 2, most: 10 });
    const recording = createRecording();
    for (const [round, value] of [2, 4, 6].entries()) {
      recording.add('s', 'parley', 'm', 'ms', value * (round + 1));
      recording.add('s', 'raw', 'm', 'ms', value);
    }
    const { measured } = recording.ratio('x', { scenario: 's', metric: 'm', of: 'parley', to: 'raw' }, null);
    expect(measured).toEqual({ median: 2, least: 1, most: 3 });
  });

  it('are held against their bounds; one that is missing has failed', () => {
    expect([4.9, 5, 8, Number.NaN].map((value) => verdict(figure(value)))).toEqual(['FAIL', 'ok', 'aim', 'FAIL']);
    expect(verdict({ ...figure(6), must: atMost(5) })).toBe('FAIL');
    expect(verdict({ ...figure(6), must: null })).toBe('');
  });

  it('are drawn on a scale that begins at 0 and ends beyond the greatest', () => {
    expect(ticks(90)).toEqual([0, 25, 50, 75, 100]);
    const value = { median: 3, least: 2, most: 4 };
    const picture = drawCharts('A & B', [
      { title: '<x>', axis: 'time, µs', unit: 'µs', bars: [{ label: 'raw', value, own: false }] },
    ]);
    expect(picture).toContain('A &amp; B');
    expect(picture).toContain('&lt;x&gt;');
    expect(picture).toContain('time, µs');
    expect(picture).toContain('prefers-color-scheme: dark');
  });
});
