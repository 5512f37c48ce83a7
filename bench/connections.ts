import { atMost, type Bench, type Findings, type Settings } from './bench.ts';
import { say } from './lib/progress.ts';
import { createRecording, PARLEY, type Recording } from './lib/recording.ts';
import { openSession, type Session } from './lib/session.ts';
import { type Audience, makeAudience, withSetting } from './lib/setting.ts';

const RAW_WITH_SESSIONS = 'raw with sessions';
const CANDIDATES: readonly (readonly [name: string, server: string, env: Readonly<Record<string, string>>])[] = [
  ['raw', 'raw', {}],
  [RAW_WITH_SESSIONS, 'raw', { SIGN_IN: '1' }],
  ['socket-io', 'socket-io', {}],
  ['tutorial', 'tutorial', {}],
  [PARLEY, PARLEY, {}],
];
const CPU = 'server CPU per socket';
const RSS = 'resident memory per socket';
const HEAP = 'heap per socket';

interface Scene {
  readonly name: string;
  readonly sockets: number;
  readonly rooms: number;
  readonly each: number;
}

const SCENES: readonly Scene[] = [
  { name: 'n5000', sockets: 5000, rooms: 1, each: 1 },
  { name: 'm1000x10', sockets: 1000, rooms: 100, each: 10 },
];

const small = (scene: Scene): Scene => ({
  ...scene,
  sockets: 100,
  rooms: Math.ceil(scene.rooms / 50),
  each: Math.min(scene.each, 2),
});

/** What it costs to have many connected. */
export const connections: Bench = {
  name: 'connections',
  title: 'Connecting, signing in and subscribing, and what a socket then takes',
  async run(settings) {
    const recording = createRecording();
    const chosen = SCENES.filter(({ name }) => settings.scenes.length === 0 || settings.scenes.includes(name));
    const scenes = settings.quick ? chosen.map(small) : chosen;
    for (const scene of scenes) {
      say(`  ${scene.name}: ${scene.sockets} sockets, ${scene.each} subscriptions each`);
      await withSetting(async (setting) => {
        const audience = await makeAudience(setting, scene);
        for (let round = 1; round <= settings.rounds; round += 1) {
          for (const [name, server, env] of CANDIDATES) {
            say(`    round ${round} of ${settings.rounds}, ${name}`);
            await connectAll(recording, scene.name, name, () => openSession(server, setting.redis, { env }), audience);
          }
        }
      });
    }
    return findings(recording, settings, scenes);
  },
};

/** The first tenth warms the server up: what it costs to have code compiled is not the sockets' doing. */
async function connectAll(
  recording: Recording,
  scene: string,
  candidate: string,
  open: () => Promise<Session>,
  { readers }: Audience,
): Promise<void> {
  const session = await open();
  try {
    const first = Math.ceil(readers.length / 10);
    const counted = readers.length - first;
    await session.open(readers.slice(0, first));
    const before = await session.memory();
    const { cpuMicros, wallMicros } = await session.open(readers.slice(first));
    const after = await session.memory();
    recording.add(scene, candidate, CPU, 'µs', cpuMicros / counted);
    recording.add(scene, candidate, 'time to connect all', 'ms', wallMicros / 1000);
    recording.add(scene, candidate, RSS, 'KB', (after.rssBytes - before.rssBytes) / counted / 1000);
    recording.add(scene, candidate, HEAP, 'KB', (after.heapBytes - before.heapBytes) / counted / 1000);
  } finally {
    await session.close();
  }
}

function findings(recording: Recording, { rounds }: Settings, scenes: readonly Scene[]): Findings {
  const ratio = (what: string, scenario: string, metric: string, to: string, must: number | null, aim: number | null) =>
    recording.ratio(
      what,
      { scenario, metric, of: PARLEY, to },
      must === null ? null : atMost(must),
      aim === null ? null : atMost(aim),
    );
  const ten = 'ten subscriptions on each of 1,000 sockets';
  return {
    n: `${rounds} rounds; ${scenes.map(({ name, sockets, each }) => `${name}: ${sockets} sockets, ${each} subscriptions each`).join('; ')}`,
    figures: [
      ratio('5,000 sockets: CPU to connect, sign in and subscribe', 'n5000', CPU, 'raw', 1.5, 1.25),
      ratio('5,000 sockets: CPU to connect, sign in and subscribe', 'n5000', CPU, RAW_WITH_SESSIONS, null, null),
      ratio('5,000 sockets: CPU to connect, sign in and subscribe', 'n5000', CPU, 'tutorial', null, null),
      ratio('5,000 sockets: resident memory per socket', 'n5000', RSS, 'raw', 1.5, 1.2),
      ratio('5,000 sockets: resident memory per socket', 'n5000', RSS, 'tutorial', null, null),
      ratio(`${ten}: resident memory per socket`, 'm1000x10', RSS, 'tutorial', 0.15, 0.1),
      ratio(`${ten}: resident memory per socket`, 'm1000x10', RSS, 'raw', null, null),
      ratio(`${ten}: CPU to connect, sign in and subscribe`, 'm1000x10', CPU, 'tutorial', null, null),
    ],
    measurements: recording.measurements,
    charts: [
      recording.chart('5,000 sockets: server CPU to connect, sign in and subscribe', 'n5000', CPU),
      recording.chart('5,000 sockets: resident memory per socket', 'n5000', RSS),
      recording.chart('1,000 sockets with 10 subscriptions each: resident memory per socket', 'm1000x10', RSS),
    ],
    doubts: [],
  };
}
