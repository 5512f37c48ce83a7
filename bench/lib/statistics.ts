/** What many measurements come to. */
export interface Summary {
  readonly n: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly least: number;
  readonly most: number;
}

/** A median with the range it was taken from. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

const ascending = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

/** The value below which `share` (0 to 1) of the values lie, by nearest rank; NaN of none. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? Number.NaN;
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: Iterable<number>): number {
  const sorted = ascending(values);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (upper + lower) / 2;
}

/** Percentiles of the values. */
export function summarise(values: Iterable<number>): Summary {
  const sorted = ascending(values);
  return {
    n: sorted.length,
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
    least: quantile(sorted, 0),
    most: quantile(sorted, 1),
  };
}

/** Median and range of the values. */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/**
 * One against the other, round by round: only what was measured side by side is compared, so what slows the machine for a while slows both. Rounds
 * in which either is missing are left out.
 */
export function ratios(ones: readonly number[], others: readonly number[]): Spread {
  const both = ones.flatMap((one, round) => {
    const ratio = one / (others[round] ?? Number.NaN);
    return Number.isFinite(ratio) ? [ratio] : [];
  });
  return spread(both);
}
