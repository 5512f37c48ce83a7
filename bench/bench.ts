import type { Spread } from './lib/statistics.ts';

/** How a run is to be done. */
export interface Settings {
  /** How often each candidate is measured, in turn with the others. */
  readonly rounds: number;
  /** Only to see that all of it works: small, short, and good for no figure. */
  readonly quick: boolean;
  /** Only these scenes, of benchmarks that have several; empty = all. */
  readonly scenes: readonly string[];
}

/** A bound that a figure is held against. */
export interface Bound {
  readonly sign: '<=' | '>=';
  readonly value: number;
}

/** One figure that is promised or aimed at. */
export interface Figure {
  readonly what: string;
  /** What the number means: "x raw", "ms", "bytes". */
  readonly unit: string;
  readonly measured: Spread;
  /** Missing means that the figure is for information. */
  readonly must: Bound | null;
  readonly aim: Bound | null;
}

/** Something measured, as it came, for the second table and for whoever reads the JSON. */
export interface Measurement {
  readonly scenario: string;
  readonly candidate: string;
  readonly metric: string;
  readonly unit: string;
  /** One value per round, or several where a round gives a distribution. */
  readonly rounds: readonly number[];
}

/** Bars of one chart, all of one unit. */
export interface Chart {
  readonly title: string;
  /** What the axis counts, in words. */
  readonly axis: string;
  readonly unit: string;
  readonly bars: readonly { readonly label: string; readonly value: Spread; readonly own: boolean }[];
}

/** What a benchmark found. */
export interface Findings {
  /** How many of what was measured, in words. */
  readonly n: string;
  readonly figures: readonly Figure[];
  readonly measurements: readonly Measurement[];
  readonly charts: readonly Chart[];
  /** Reasons to doubt the figures, e.g. a load generator that was the bottleneck. */
  readonly doubts: readonly string[];
}

/** A benchmark. */
export interface Bench {
  readonly name: string;
  /** What it tells, in a line. */
  readonly title: string;
  run(settings: Settings): Promise<Findings>;
}

export const atMost = (value: number): Bound => ({ sign: '<=', value });

export const atLeast = (value: number): Bound => ({ sign: '>=', value });

/** Whether the value is within the bound. */
export const meets = (bound: Bound, value: number): boolean =>
  bound.sign === '<=' ? value <= bound.value : value >= bound.value;
