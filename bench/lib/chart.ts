import type { Chart } from '../bench.ts';
import { short } from './table.ts';

const WIDTH = 760;
const RIGHT = 110;
const BAR = 20;
const GAP = 8;
const TITLE = 34;
const AXIS = 40;
const LETTER = 7;

// What readers of a chart know the candidates by.
const NAMES: Readonly<Record<string, string>> = {
  raw: 'ws + ioredis',
  'socket-io': 'Socket.IO',
  tutorial: 'tutorial stack',
  parley: 'Parley',
};

const nameOf = (label: string): string => NAMES[label] ?? label;

const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

// Colours with enough contrast on white and on black pages; the picture has no ground of its own.
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .small { font-size: 11px; fill: #59636e; }
  .other { fill: #8c959f; }
  .own { fill: #0969da; }
  .line { stroke: #59636e; stroke-width: 1; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .small { fill: #9198a1; }
    .other { fill: #6e7681; }
    .own { fill: #4493f8; }
    .line { stroke: #9198a1; }
    .grid { stroke: #3d444d; }
  }`;

/** Round numbers from 0 to a little beyond the greatest value. */
export function ticks(most: number): readonly number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

/** Charts below each other as one SVG picture, readable on light and dark pages. Bars are medians, the thin lines the range of the rounds. */
export function drawCharts(name: string, charts: readonly Chart[]): string {
  const drawable = charts.filter(({ bars }) => bars.some(({ value }) => value.median > 0));
  let top = 0;
  const parts = drawable.map((chart) => {
    const part = `<g transform="translate(0 ${top})">${drawChart(chart)}</g>`;
    top += heightOf(chart);
    return part;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" aria-label="${plain(name)}">`,
    `<title>${plain(name)}</title>`,
    `<style>${STYLE}\n</style>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

const heightOf = ({ bars }: Chart): number => TITLE + bars.length * (BAR + GAP) + AXIS;

function drawChart({ title, axis: counted, unit, bars }: Chart): string {
  const marks = ticks(Math.max(...bars.map(({ value }) => (Number.isFinite(value.most) ? value.most : 0))));
  const end = marks.at(-1) ?? 1;
  const left = 10 + LETTER * Math.max(...bars.map(({ label }) => nameOf(label).length));
  const span = WIDTH - left - RIGHT;
  const x = (value: number): number => Math.round(left + (span * value) / end);
  const bottom = TITLE + bars.length * (BAR + GAP);
  const scale = marks.map(
    (mark) =>
      `<line class="grid" x1="${x(mark)}" x2="${x(mark)}" y1="${TITLE - 4}" y2="${bottom}"/>` +
      `<text class="small" x="${x(mark)}" y="${bottom + 14}" text-anchor="middle">${mark.toLocaleString('en-US')}</text>`,
  );
  const drawn = bars.map(({ label, value, own }, index) => {
    const y = TITLE + index * (BAR + GAP);
    const middle = y + BAR / 2;
    return [
      `<text x="${left - 10}" y="${middle + 4}" text-anchor="end">${plain(nameOf(label))}</text>`,
      `<rect class="${own ? 'own' : 'other'}" x="${left}" y="${y}" width="${Math.max(1, x(value.median) - left)}" height="${BAR}" rx="2"/>`,
      `<line class="line" x1="${x(value.least)}" x2="${x(value.most)}" y1="${middle}" y2="${middle}"/>`,
      `<text x="${Math.max(x(value.median), x(value.most)) + 8}" y="${middle + 4}">${plain(`${short(value.median)} ${unit}`)}</text>`,
    ].join('');
  });
  const axis = `<text class="small" x="${left + span / 2}" y="${bottom + 28}" text-anchor="middle">${plain(counted)}</text>`;
  return [`<text class="title" x="0" y="16">${plain(title)}</text>`, ...scale, ...drawn, axis].join('\n');
}
