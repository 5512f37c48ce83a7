import type { Bound, Chart, Figure, Measurement } from '../bench.ts';
import { ratios, spread } from './statistics.ts';

/** Collects what is measured, round by round, and compares it. */
export interface Recording {
  /** Adds the next round's value. */
  add(scenario: string, candidate: string, metric: string, unit: string, value: number): void;
  /** The values of all rounds so far. */
  rounds(scenario: string, candidate: string, metric: string): readonly number[];
  /** One candidate against another in the same rounds. */
  ratio(
    what: string,
    measured: { readonly scenario: string; readonly metric: string; readonly of: string; readonly to: string },
    must: Bound | null,
    aim?: Bound | null,
  ): Figure;
  /** A figure in its own unit. */
  value(
    what: string,
    measured: { readonly scenario: string; readonly metric: string; readonly of: string },
    must: Bound | null,
    aim?: Bound | null,
  ): Figure;
  /** `own`: whose bars stand out; Parley's unless told otherwise. */
  chart(title: string, scenario: string, metric: string, own?: (candidate: string) => boolean): Chart;
  readonly measurements: readonly Measurement[];
}

/** The name Parley has among the candidates. */
export const PARLEY = 'parley';

/** An empty record. */
export function createRecording(): Recording {
  const measurements: (Measurement & { rounds: number[] })[] = [];

  const find = (scenario: string, candidate: string, metric: string) =>
    measurements.find((one) => one.scenario === scenario && one.candidate === candidate && one.metric === metric);
  const rounds = (scenario: string, candidate: string, metric: string) => find(scenario, candidate, metric)?.rounds ?? [];

  return {
    measurements,
    rounds,
    add(scenario, candidate, metric, unit, value) {
      const known = find(scenario, candidate, metric);
      if (known) known.rounds.push(value);
      else measurements.push({ scenario, candidate, metric, unit, rounds: [value] });
    },
    ratio(what, { scenario, metric, of, to }, must, aim = null) {
      const measured = ratios(rounds(scenario, of, metric), rounds(scenario, to, metric));
      return { what, unit: `x ${to}`, measured, must, aim };
    },
    value(what, { scenario, metric, of }, must, aim = null) {
      const unit = find(scenario, of, metric)?.unit ?? '';
      return { what, unit, measured: spread(rounds(scenario, of, metric)), must, aim };
    },
    chart(title, scenario, metric, own = (candidate) => candidate === PARLEY) {
      const all = measurements.filter((one) => one.scenario === scenario && one.metric === metric);
      const bars = all.map(({ candidate, rounds: values }) => ({
        label: candidate,
        value: spread(values),
        own: own(candidate),
      }));
      const unit = all[0]?.unit ?? '';
      return { title, axis: unit === '/s' ? metric : `${metric}, ${unit}`, unit, bars };
    },
  };
}
