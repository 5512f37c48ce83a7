import type { Store } from '../src/ports/store.ts';
import { createRedisStore } from '../src/store/redis/index.ts';
import { atMost, type Bench, type Findings, type Settings } from './bench.ts';
import { makePeople, makeRoom } from './lib/people.ts';
import { say } from './lib/progress.ts';
import { createRecording, type Recording } from './lib/recording.ts';
import { benchLog, redisSettings, type Setting, withSetting } from './lib/setting.ts';
import { median, summarise } from './lib/statistics.ts';
import { fillRoom, withEmbedded } from './lib/stores.ts';
import { timeEach } from './lib/timing.ts';
import { openWireTap } from './lib/wire-tap.ts';

const ROOMS = 200;
const UNREAD = 20;
const ONE = '1 room';
const ALL = `${ROOMS} rooms`;

const readsOf = ({ quick }: Settings): number => (quick ? 10 : 200);

/** A reader's many rooms, each with so many unread messages. */
type Unread = readonly { readonly roomId: string; readonly userId: string }[];

/** What it costs to know how much is unread. */
export const unread: Bench = {
  name: 'unread',
  title: `Unread counts of ${ROOMS} rooms`,
  async run(settings) {
    const recording = createRecording();
    await withEmbedded(async (store) => {
      say('  embedded store');
      await compare(recording, 'embedded', settings, store, await makeUnread(store));
    });
    await withSetting(async (setting) => {
      say('  Redis store');
      const rooms = await makeUnread(setting.store);
      await compare(recording, 'redis', settings, setting.store, rooms);
      await countRoundTrips(recording, setting, settings, rooms);
    });
    return findings(recording, settings);
  },
};

async function makeUnread(store: Store): Promise<Unread> {
  const [author, reader] = await makePeople(store, 2, 'person');
  if (!author || !reader) throw new Error('There is nobody.');
  const pairs = [];
  for (let i = 0; i < ROOMS; i += 1) {
    const roomId = await makeRoom(store, `Room ${i}`, [author, reader]);
    await fillRoom(store, roomId, author, UNREAD);
    pairs.push({ roomId, userId: reader.userId });
  }
  return pairs;
}

async function read(store: Store, pairs: Unread): Promise<void> {
  const memberships = await store.memberships.get(pairs);
  if (memberships.some((one) => one?.unreadCount !== UNREAD)) throw new Error('A wrong unread count.');
}

/** Reads one and all in turn. The first round warms up and does not count. */
async function compare(recording: Recording, scenario: string, settings: Settings, store: Store, pairs: Unread): Promise<void> {
  for (let round = 0; round <= settings.rounds; round += 1) {
    for (const [name, count] of [
      [ONE, 1],
      [ALL, ROOMS],
    ] as const) {
      const taken = await timeEach(readsOf(settings), () => read(store, pairs.slice(0, count)));
      if (round === 0) continue;
      recording.add(scenario, name, 'median time', 'µs', median(taken));
      recording.add(scenario, name, 'p99', 'µs', summarise(taken).p99);
    }
  }
}

async function countRoundTrips(recording: Recording, { redis }: Setting, settings: Settings, pairs: Unread): Promise<void> {
  const tap = await openWireTap(redis.port);
  const store = await createRedisStore({ redis: redisSettings(tap.url), log: benchLog });
  try {
    // Whoever asks first also has to load scripts.
    await read(store, pairs);
    for (let round = 0; round < Math.max(settings.rounds, 5); round += 1) {
      const { commands, roundTrips } = await tap.listen(() => read(store, pairs));
      recording.add('store', ALL, 'round trips', '', roundTrips);
      recording.add('store', ALL, 'commands', '', commands.length);
    }
  } finally {
    await store.close();
    await tap.close();
  }
}

function findings(recording: Recording, settings: Settings): Findings {
  const ratio = (what: string, scenario: string) =>
    recording.ratio(what, { scenario, metric: 'median time', of: ALL, to: ONE }, null);
  return {
    n: `${settings.rounds} rounds of ${readsOf(settings)} reads; ${ROOMS} rooms with ${UNREAD} unread messages each`,
    figures: [
      recording.value(
        `unread counts of ${ALL}: round trips to Redis`,
        { scenario: 'store', metric: 'round trips', of: ALL },
        atMost(1),
      ),
      ratio(`unread counts of ${ALL}, embedded store: time`, 'embedded'),
      ratio(`unread counts of ${ALL}, Redis store: time`, 'redis'),
    ],
    measurements: recording.measurements,
    charts: [
      recording.chart('Unread counts, embedded store: median time', 'embedded', 'median time', () => true),
      recording.chart('Unread counts, Redis store: median time', 'redis', 'median time', () => true),
    ],
    doubts: [],
  };
}
