import { readConfig } from '../src/config.ts';
import { systemClock } from '../src/domain/clock.ts';
import type { RoomDelivery } from '../src/domain/event.ts';
import type { Position } from '../src/domain/position.ts';
import type { Store } from '../src/ports/store.ts';
import { createHub } from '../src/realtime/create-hub.ts';
import type { Hub } from '../src/realtime/hub.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { atMost, type Bench, type Findings, type Settings } from './bench.ts';
import { makePeople, makeRoom } from './lib/people.ts';
import { say } from './lib/progress.ts';
import { createRecording, type Recording } from './lib/recording.ts';
import { withSetting } from './lib/setting.ts';
import { median, summarise } from './lib/statistics.ts';
import { fillRoom, withEmbedded } from './lib/stores.ts';
import { timeEach } from './lib/timing.ts';

const MESSAGES = 1000;
const MISSED = 100;
const NOTHING = 'nothing missed';
const REPLAY = `${MISSED} missed, read from the store`;
const MEMORY = `${MISSED} missed, from memory`;

const timesOf = ({ quick }: Settings): number => (quick ? 10 : 300);

/** What a client that comes back costs. */
export const resume: Bench = {
  name: 'resume',
  title: 'Coming back to a room',
  async run(settings) {
    const recording = createRecording();
    await withEmbedded(async (store) => {
      say('  embedded store');
      await compare(recording, 'embedded', settings, store);
    });
    await withSetting(async ({ store }) => {
      say('  Redis store');
      await compare(recording, 'redis', settings, store);
    });
    return findings(recording, settings);
  },
};

/** The hub as the server has it, on a store that counts its timeline's calls. */
function createCountedHub(store: Store): { hub: Hub; reads(): number } {
  let reads = 0;
  const counted = <A extends readonly unknown[], R>(call: (...args: A) => R) => {
    return (...args: A): R => {
      reads += 1;
      return call(...args);
    };
  };
  const { replay, page, get, newest } = store.timeline;
  const timeline = {
    ...store.timeline,
    replay: counted(replay),
    page: counted(page),
    get: counted(get),
    newest: counted(newest),
  };
  const { realtime, limits, presence } = readConfig({});
  const hub = createHub(
    {
      store: { ...store, timeline },
      clock: systemClock,
      observe: createMetrics(),
      onError(error) {
        throw error;
      },
    },
    { ...realtime, replay: limits.replay, presence: { ...presence, roomSize: limits.presenceRoomSize } },
  );
  return { hub, reads: () => reads };
}

/** Subscribes from there and reads until everything missed has come. Resolves with how much that was. */
async function comeBack(hub: Hub, roomId: string, userId: string, after: Position | null): Promise<number> {
  const readersEnd = {
    closeSlow() {
      throw new Error('Too slow.');
    },
  };
  const events: AsyncIterable<RoomDelivery> = hub.roomEvents({ roomId, userId, after, readersEnd });
  let missed = 0;
  for await (const event of events) {
    if (event.type === 'reset') throw new Error(`A reset: ${event.reason}`);
    if (event.type === 'caught-up') break;
    missed += 1;
  }
  return missed;
}

async function compare(recording: Recording, scenario: string, settings: Settings, store: Store): Promise<void> {
  const [person] = await makePeople(store, 1, 'person');
  if (!person) throw new Error('There is nobody.');
  const { userId } = person;
  const roomId = await makeRoom(store, 'Room', [person]);
  await fillRoom(store, roomId, person, MESSAGES);
  const { hub, reads } = createCountedHub(store);
  // Somebody else stays: coming back to a room that nobody watches would have to open it.
  const other = hub.roomEvents({ roomId, userId, after: null, readersEnd: { closeSlow() {} } });
  await other.next();
  const [head] = await store.timeline.heads([roomId]);
  if (!head) throw new Error('There is no room.');
  const earlier = { ...head, number: head.number - MISSED };
  const fromStore = async () => {
    const replay = await store.timeline.replay(roomId, earlier, MESSAGES);
    if (replay.status !== 'events' || replay.events.length !== MISSED) throw new Error('Not what was missed.');
  };
  const fromHub = async (after: Position, expected: number) => {
    if ((await comeBack(hub, roomId, userId, after)) !== expected) throw new Error('Not what was missed.');
  };
  try {
    // The first that missed something makes the hub read it once.
    await fromHub(earlier, MISSED);
    for (let round = 0; round <= settings.rounds; round += 1) {
      for (const [name, work] of [
        [NOTHING, () => fromHub(head, 0)],
        [MEMORY, () => fromHub(earlier, MISSED)],
        [REPLAY, fromStore],
      ] as const) {
        const before = reads();
        const taken = await timeEach(timesOf(settings), work);
        if (round === 0) continue;
        recording.add(scenario, name, 'median time', 'µs', median(taken));
        recording.add(scenario, name, 'p99', 'µs', summarise(taken).p99);
        if (name !== REPLAY) recording.add(scenario, name, 'timeline reads', '', reads() - before);
      }
    }
  } finally {
    await other.return?.();
    await hub.close();
  }
}

function findings(recording: Recording, settings: Settings): Findings {
  const reads = (store: string, scenario: string) =>
    recording.value(
      `resume with nothing missed, ${store}: reads of the timeline`,
      { scenario, metric: 'timeline reads', of: NOTHING },
      atMost(0),
    );
  const ratio = (store: string, scenario: string) =>
    recording.ratio(
      `resume with nothing missed, ${store}: time`,
      { scenario, metric: 'median time', of: NOTHING, to: REPLAY },
      null,
    );
  return {
    n: `${settings.rounds} rounds of ${timesOf(settings)} returns to a room of ${MESSAGES} messages`,
    figures: [
      reads('embedded store', 'embedded'),
      reads('Redis store', 'redis'),
      ratio('embedded store', 'embedded'),
      ratio('Redis store', 'redis'),
    ],
    measurements: recording.measurements,
    charts: [
      recording.chart('Coming back, embedded store: median time', 'embedded', 'median time', () => true),
      recording.chart('Coming back, Redis store: median time', 'redis', 'median time', () => true),
    ],
    doubts: [],
  };
}
