import type { Bench, Findings, Settings } from './bench.ts';
import { say } from './lib/progress.ts';
import { createRecording, PARLEY, type Recording } from './lib/recording.ts';
import { openSession, paceResult } from './lib/session.ts';
import { type Audience, makeAudience, type Setting, withSetting } from './lib/setting.ts';
import { summarise } from './lib/statistics.ts';

const COUNTS = [1, 2, 3, 4];
const SCENARIO = 'n1000';
const COST = 'server CPU per delivery, all processes';
const CONNECT = 'server CPU per socket to connect, all processes';
const REDIS = 'Redis CPU per event';
const GRACE_MS = 1000;

/** The same load whatever there is to carry it: only so can its cost be compared. */
const load = ({ quick }: Settings) =>
  quick ? { sockets: 40, perSecond: 20, ms: 300 } : { sockets: 1000, perSecond: 20, ms: 5000 };

const named = (count: number): string => (count === 1 ? '1 process' : `${count} processes`);

/** What it costs to spread one room over several processes on one Redis. */
export const processes: Bench = {
  name: 'processes',
  title: 'One room over several processes',
  async run(settings) {
    const recording = createRecording();
    const { sockets } = load(settings);
    await withSetting(async (setting) => {
      const audience = await makeAudience(setting, { sockets, rooms: 1, each: 1 });
      for (let round = 1; round <= settings.rounds; round += 1) {
        for (const count of COUNTS) {
          say(`    round ${round} of ${settings.rounds}, ${named(count)}`);
          await measure(recording, setting, settings, audience, count);
        }
      }
    });
    return findings(recording, settings);
  },
};

async function measure(
  recording: Recording,
  { redis }: Setting,
  settings: Settings,
  { readers, sender }: Audience,
  count: number,
): Promise<void> {
  const { perSecond, ms } = load(settings);
  const session = await openSession(PARLEY, redis, { processes: count });
  try {
    const connected = await session.open(readers);
    recording.add(SCENARIO, named(count), CONNECT, 'µs', connected.cpuMicros / readers.length);
    await session.ready(sender, count);
    const input = { perSecond, sampleEvery: 10, graceMs: GRACE_MS };
    await session.load('pace', { ...input, ms: ms / 3 }, paceResult);
    const { result, server, redisMicros } = await session.load('pace', { ...input, ms }, paceResult);
    const { p50, p99 } = summarise(result.latencies);
    recording.add(SCENARIO, named(count), COST, 'µs', server.cpuMicros / result.deliveries);
    recording.add(SCENARIO, named(count), REDIS, 'µs', redisMicros / result.events);
    recording.add(SCENARIO, named(count), 'p50', 'ms', p50);
    recording.add(SCENARIO, named(count), 'p99', 'ms', p99);
  } finally {
    await session.close();
  }
}

function findings(recording: Recording, settings: Settings): Findings {
  const { sockets, perSecond, ms } = load(settings);
  const more = COUNTS.slice(1).map(named);
  const ratio = (what: string, metric: string, of: string) =>
    recording.ratio(`${of}: ${what}`, { scenario: SCENARIO, metric, of, to: named(1) }, null);
  return {
    n: `${settings.rounds} rounds of ${ms} ms at ${perSecond} events/s to ${sockets} sockets in one room`,
    figures: [
      ...more.map((of) => ratio('server CPU per delivery, all together', COST, of)),
      ...more.map((of) => ratio('Redis CPU per event', REDIS, of)),
      ...more.map((of) => ratio('server CPU per socket to connect', CONNECT, of)),
    ],
    measurements: recording.measurements,
    charts: [
      recording.chart('1,000 readers in one room: server CPU per delivery, all processes together', SCENARIO, COST, () => true),
      recording.chart('1,000 readers in one room: Redis CPU per event', SCENARIO, REDIS, () => true),
    ],
    doubts: [],
  };
}
