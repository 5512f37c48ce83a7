import { type Bound, type Figure, type Measurement, meets } from '../bench.ts';
import { spread } from './statistics.ts';

/** A number with as many digits as say something. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  return size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const bound = (limit: Bound | null): string => (limit === null ? '' : `${limit.sign === '<=' ? '≤' : '≥'} ${limit.value}`);

/** What a figure says: whether it is good enough, good, or for information. */
export function verdict({ must, aim, measured }: Figure): 'FAIL' | 'ok' | 'aim' | '' {
  if (must === null) return '';
  if (!meets(must, measured.median)) return 'FAIL';
  return aim !== null && meets(aim, measured.median) ? 'aim' : 'ok';
}

/** Rows as text, columns lined up; the first to the left, the others to the right. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

const figureRow = (figure: Figure): readonly string[] => [
  figure.what,
  bound(figure.must),
  bound(figure.aim),
  short(figure.measured.median),
  figure.unit,
  `${short(figure.measured.least)} to ${short(figure.measured.most)}`,
  verdict(figure),
];

const FIGURE_HEAD = ['figure', 'must', 'aim', 'measured', '', 'range', ''];

/** The table of figures: what was to be reached and what was. */
export const figureTable = (figures: readonly Figure[]): string => textTable(FIGURE_HEAD, figures.map(figureRow));

/** The same as Markdown, for a page. */
export function figureMarkdown(figures: readonly Figure[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(FIGURE_HEAD), line(FIGURE_HEAD.map(() => '---')), ...figures.map((figure) => line(figureRow(figure)))].join('\n');
}

/** The table of what was measured. */
export function measurementTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map(({ scenario, candidate, metric, unit, rounds }) => {
    const { median, least, most } = spread(rounds);
    return [`${scenario}: ${metric}`, candidate, short(median), unit, `${short(least)} to ${short(most)}`];
  });
  return textTable(['measured', 'of', 'median', '', 'range'], rows);
}
