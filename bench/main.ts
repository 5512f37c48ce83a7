import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, Figure, Findings, Settings } from './bench.ts';
import { connections } from './connections.ts';
import { fanOut } from './fan-out.ts';
import { herd } from './herd.ts';
import { history } from './history.ts';
import { drawCharts } from './lib/chart.ts';
import { describeMachine, type Machine, machineLine } from './lib/machine.ts';
import { say } from './lib/progress.ts';
import { figureMarkdown, figureTable, measurementTable, verdict } from './lib/table.ts';
import { page } from './page.ts';
import { processes } from './processes.ts';
import { resume } from './resume.ts';
import { send } from './send.ts';
import { storage } from './storage.ts';
import { unread } from './unread.ts';

const BENCHES: readonly Bench[] = [history, send, resume, unread, storage, connections, herd, fanOut, processes, page];
const ROUNDS = 5;

const USAGE = `npm run bench -- [names] [--rounds n] [--scene name ...] [--out folder] [--quick]

${BENCHES.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join('\n')}

Without names: all. --rounds: how often each candidate is measured, in turn with the others (${ROUNDS} unless told otherwise).
--scene: only that scene of a benchmark that has several, and only the figures that come of it.
--out: where JSON and pictures go (bench/results).
--quick: only to see that everything works; its figures mean nothing and are not kept.`;

/** Runs the benchmarks that are named. Resolves with the exit code: 1 where a figure is not reached, 2 where the arguments make no sense. */
export async function main(args: readonly string[], results: string): Promise<number> {
  const chosen = choose(args);
  if (typeof chosen === 'string') {
    say(chosen);
    return 2;
  }
  const { benches, settings, out } = chosen;
  const folder = out ?? (settings.quick ? await mkdtemp(path.join(tmpdir(), 'parley-bench-')) : results);
  await mkdir(folder, { recursive: true });
  const machine = await describeMachine();
  console.log(machineLine(machine));
  const figures: Figure[] = [];
  for (const bench of benches) figures.push(...(await runOne(bench, settings, machine, folder)));
  if (benches.length === BENCHES.length) {
    console.log(`\n## All figures\n\n${figureTable(figures)}`);
    await writeFile(path.join(folder, 'figures.md'), `${machineLine(machine)}\n\n${figureMarkdown(figures)}\n`);
  }
  const failed = figures.some((figure) => verdict(figure) === 'FAIL');
  return failed && !settings.quick ? 1 : 0;
}

interface Choice {
  readonly benches: readonly Bench[];
  readonly settings: Settings;
  readonly out: string | undefined;
}

function choose(args: readonly string[]): Choice | string {
  try {
    const options = {
      rounds: { type: 'string' },
      scene: { type: 'string', multiple: true },
      out: { type: 'string' },
      quick: { type: 'boolean', default: false },
    } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const rounds = Number(values.rounds ?? (values.quick ? 2 : ROUNDS));
    const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
    if (unknown.length > 0) return `There is no benchmark ${unknown.join(', ')}.\n\n${USAGE}`;
    if (!Number.isSafeInteger(rounds) || rounds < 1) return `--rounds must be a whole number from 1.\n\n${USAGE}`;
    const benches = BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
    return { benches, settings: { rounds, quick: values.quick, scenes: values.scene ?? [] }, out: values.out };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`;
  }
}

async function runOne(bench: Bench, settings: Settings, machine: Machine, folder: string): Promise<readonly Figure[]> {
  say(`${bench.name}: ${bench.title}`);
  const findings = await bench.run(settings);
  const { n, measurements, charts, doubts } = findings;
  const figures = measuredFigures(findings, settings);
  console.log(`\n## ${bench.title} (${bench.name})\n${n}\n`);
  console.log(`${measurementTable(measurements)}\n\n${figureTable(figures)}`);
  for (const doubt of doubts) console.log(`DOUBT: ${doubt}`);
  if (settings.quick) console.log('A quick run: these figures mean nothing.');
  const takenAt = new Date().toISOString();
  const json = { name: bench.name, title: bench.title, takenAt, machine, settings, n, figures, measurements, doubts };
  await writeFile(path.join(folder, `${bench.name}.json`), `${JSON.stringify(json, null, 2)}\n`);
  await writeFile(path.join(folder, `${bench.name}.svg`), drawCharts(bench.title, charts));
  say(`  written: ${path.join(folder, bench.name)}.json and .svg`);
  return figures;
}

/** Where only some scenes were asked for, the figures of the others are left out; else one that is missing has failed. */
const measuredFigures = ({ figures }: Findings, { scenes }: Settings): readonly Figure[] =>
  scenes.length === 0 ? figures : figures.filter(({ measured }) => !Number.isNaN(measured.median));
