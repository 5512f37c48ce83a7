import { atLeast, atMost, type Bench, type Findings, type Settings } from './bench.ts';
import { say } from './lib/progress.ts';
import { createRecording, PARLEY, type Recording } from './lib/recording.ts';
import { doubtOf, openSession, paceResult, runResult, type Session } from './lib/session.ts';
import { type Audience, makeAudience, type Setting, withSetting } from './lib/setting.ts';
import { median, summarise } from './lib/statistics.ts';

/** Who reads, and how hard it is driven. */
interface Scene {
  readonly name: string;
  readonly sockets: number;
  readonly rooms: number;
  readonly each: number;
  /** Events in flight when saturated. */
  readonly window: number;
  /** Also one event at a time, a moderate rate and a rate beyond what the reference can take. */
  readonly thorough: boolean;
}

const SCENES: readonly Scene[] = [
  { name: 'n1000', sockets: 1000, rooms: 1, each: 1, window: 16, thorough: true },
  { name: 'n100', sockets: 100, rooms: 1, each: 1, window: 32, thorough: false },
  { name: 'n5000', sockets: 5000, rooms: 1, each: 1, window: 8, thorough: false },
  { name: 'r1000x5', sockets: 5000, rooms: 1000, each: 1, window: 128, thorough: false },
  { name: 'm1000x10', sockets: 1000, rooms: 100, each: 10, window: 64, thorough: false },
];

// The tutorial comes first: what it can do says what a moderate rate is.
const SERVERS = ['tutorial', 'raw', 'socket-io', PARLEY];

const SENDERS = 32;
const OFFERED = 150;
const IN_TIME_MS = 1000;
const RATE = 'deliveries per second';
const COST = 'server CPU per delivery';

/** How long each measurement takes. */
const times = ({ quick }: Settings) => (quick ? { warmMs: 100, ms: 300 } : { warmMs: 1000, ms: 3000 });

const small = (scene: Scene): Scene => ({
  ...scene,
  sockets: Math.max(20, scene.sockets / 50),
  rooms: Math.ceil(scene.rooms / 50),
  each: Math.min(scene.each, 2),
});

/** How the events of a room reach many readers, and what each delivery costs the server. */
export const fanOut: Bench = {
  name: 'fan-out',
  title: 'One message to many readers',
  async run(settings) {
    const recording = createRecording();
    const doubts: string[] = [];
    const chosen = SCENES.filter(({ name }) => settings.scenes.length === 0 || settings.scenes.includes(name));
    const scenes = settings.quick ? chosen.map(small) : chosen;
    for (const scene of scenes) await withSetting((setting) => playScene(setting, scene, settings, recording, doubts));
    return findings(scenes, settings, recording, doubts);
  },
};

async function playScene(
  setting: Setting,
  scene: Scene,
  settings: Settings,
  recording: Recording,
  doubts: string[],
): Promise<void> {
  say(`  ${scene.name}: ${scene.sockets} sockets, ${scene.rooms} rooms, ${scene.each} subscriptions each`);
  const audience = await makeAudience(setting, scene);
  for (let round = 1; round <= settings.rounds; round += 1) {
    for (const server of SERVERS) {
      say(`    round ${round} of ${settings.rounds}, ${server}`);
      const session = await openSession(server, setting.redis);
      try {
        await playOne(session, { server, scene, audience, settings, recording, doubts });
      } finally {
        await session.close();
      }
    }
  }
}

interface Play {
  readonly server: string;
  readonly scene: Scene;
  readonly audience: Audience;
  readonly settings: Settings;
  readonly recording: Recording;
  readonly doubts: string[];
}

async function playOne(session: Session, play: Play): Promise<void> {
  const { scene, audience, settings } = play;
  await session.open(audience.readers);
  await session.ready(audience.sender, SENDERS);
  await session.load('saturate', { window: scene.window, ms: times(settings).warmMs }, runResult);
  await saturated(session, play, scene.name, scene.window);
  if (!scene.thorough) return;
  await saturated(session, play, `${scene.name} w1`, 1);
  const limit = median(play.recording.rounds(scene.name, 'tutorial', 'events per second'));
  await paced(session, play, `${scene.name} moderate`, limit / 3);
  // Far beyond what it can take; the saturated figure says so already.
  if (play.server !== 'tutorial') await paced(session, play, `${scene.name} ${OFFERED} events/s`, OFFERED);
}

async function saturated(
  session: Session,
  { server, settings, recording, doubts }: Play,
  scenario: string,
  window: number,
): Promise<void> {
  const loaded = await session.load('saturate', { window, ms: times(settings).ms }, runResult);
  const { events, deliveries, seconds } = loaded.result;
  recording.add(scenario, server, RATE, '/s', deliveries / seconds);
  recording.add(scenario, server, 'events per second', '/s', events / seconds);
  recording.add(scenario, server, COST, 'µs', loaded.server.cpuMicros / deliveries);
  recording.add(scenario, server, 'Redis CPU per event', 'µs', loaded.redisMicros / events);
  noteShares(scenario, server, recording, loaded);
  const doubt = doubtOf(`${scenario}, ${server}`, loaded);
  if (doubt !== null) doubts.push(doubt);
}

async function paced(
  session: Session,
  { server, scene, settings, recording }: Play,
  scenario: string,
  perSecond: number,
): Promise<void> {
  const sampleEvery = Math.max(1, Math.floor(scene.sockets / 100));
  const input = { perSecond, ms: times(settings).ms, sampleEvery, graceMs: IN_TIME_MS };
  const loaded = await session.load('pace', input, paceResult);
  const { latencies, expected } = loaded.result;
  const { p50, p99 } = summarise(latencies);
  recording.add(scenario, server, 'offered', '/s', perSecond);
  recording.add(scenario, server, 'p50', 'ms', p50);
  recording.add(scenario, server, 'p99', 'ms', p99);
  const inTime = latencies.filter((ms) => ms <= IN_TIME_MS).length;
  recording.add(scenario, server, 'within 1 s', '%', (100 * inTime) / expected);
  noteShares(scenario, server, recording, loaded);
}

function noteShares(scenario: string, server: string, recording: Recording, loaded: Awaited<ReturnType<Session['load']>>): void {
  const share = ({ cpuMicros, wallMicros }: { cpuMicros: number; wallMicros: number }) => cpuMicros / wallMicros;
  recording.add(scenario, server, 'server share of a core', '', share(loaded.server));
  recording.add(scenario, server, 'generator share of a core', '', share(loaded.generator));
}

function findings(scenes: readonly Scene[], { rounds }: Settings, recording: Recording, doubts: readonly string[]): Findings {
  const rate = (what: string, scenario: string, to: string) => [what, { scenario, metric: RATE, of: PARLEY, to }] as const;
  const cost = (what: string, scenario: string, to: string) => [what, { scenario, metric: COST, of: PARLEY, to }] as const;
  const n16 = '1,000 in one room, 16 events in flight: deliveries/s';
  const n1 = '1,000 in one room, one event in flight: CPU per delivery';
  const r5 = '1,000 rooms of 5, saturated: CPU per delivery, send included';
  const m10 = '1,000 sockets in 10 of 100 rooms each, saturated: deliveries/s';
  const open = `1,000 in one room, ${OFFERED} events/s offered`;
  const p50 = 'p50 send to receipt at a third of the tutorial’s limit';
  const beyond = `n1000 ${OFFERED} events/s`;
  return {
    n: `${rounds} rounds; ${scenes.map(({ name, sockets, rooms, each }) => `${name}: ${sockets} sockets, ${rooms} rooms, ${each} each`).join('; ')}`,
    figures: [
      recording.ratio(...rate(n16, 'n1000', 'raw'), atLeast(5), atLeast(8)),
      recording.ratio(...rate(n16, 'n1000', 'tutorial'), atLeast(20), atLeast(30)),
      recording.ratio(...rate(n16, 'n1000', 'socket-io'), atLeast(5)),
      recording.ratio(...cost(n1, 'n1000 w1', 'raw'), atMost(0.95), atMost(0.8)),
      recording.ratio(...cost(n1, 'n1000 w1', 'tutorial'), atMost(0.25)),
      recording.ratio(...cost(r5, 'r1000x5', 'raw'), atMost(1.1), atMost(0.85)),
      recording.ratio(...cost(r5, 'r1000x5', 'tutorial'), atMost(0.2)),
      recording.ratio(...cost(r5, 'r1000x5', 'socket-io'), atMost(0.7)),
      recording.ratio(...rate(m10, 'm1000x10', 'raw'), atLeast(3), atLeast(5)),
      recording.ratio(...rate(m10, 'm1000x10', 'tutorial'), atLeast(12)),
      recording.value(`${open}: in time`, { scenario: beyond, metric: 'within 1 s', of: PARLEY }, atLeast(98)),
      recording.value(`${open}: p99`, { scenario: beyond, metric: 'p99', of: PARLEY }, atMost(150), atMost(50)),
      recording.ratio(p50, { scenario: 'n1000 moderate', metric: 'p50', of: PARLEY, to: 'raw' }, atMost(1.2), atMost(0.9)),
      recording.ratio(...rate('100 in one room, 32 events in flight: deliveries/s', 'n100', 'raw'), null),
      recording.ratio(...rate('5,000 in one room, 8 events in flight: deliveries/s', 'n5000', 'raw'), null),
    ],
    measurements: recording.measurements,
    charts: [
      recording.chart('1,000 readers in one room, 16 events in flight: deliveries per second', 'n1000', RATE),
      recording.chart('1,000 readers in one room, one event in flight: server CPU per delivery', 'n1000 w1', COST),
      recording.chart('1,000 rooms of 5, saturated: server CPU per delivery', 'r1000x5', COST),
      recording.chart('1,000 sockets in 10 of 100 rooms each: deliveries per second', 'm1000x10', RATE),
      recording.chart('1,000 readers, a third of the tutorial’s limit: median from send to receipt', 'n1000 moderate', 'p50'),
    ],
    doubts,
  };
}
