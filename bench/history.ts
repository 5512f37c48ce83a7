import type { Store } from '../src/ports/store.ts';
import { atMost, type Bench, type Findings, type Settings } from './bench.ts';
import { makePeople, makeRoom } from './lib/people.ts';
import { say } from './lib/progress.ts';
import { createRecording, type Recording } from './lib/recording.ts';
import { openSession } from './lib/session.ts';
import { type Setting, withSetting } from './lib/setting.ts';
import { median, summarise } from './lib/statistics.ts';
import { fillRoom, withEmbedded } from './lib/stores.ts';
import { timeEach } from './lib/timing.ts';
import type { Person } from './load/dialects.ts';
import { PAGE } from './load/documents.ts';
import { openHttpConnection } from './load/socket.ts';

const PAGE_SIZE = 50;
const SMALL = 'small room';
const LARGE = 'large room';

/** How much there is and how often it is read. */
const sizes = ({ quick }: Settings) =>
  quick ? { small: 200, large: 5000, reads: 20 } : { small: 1000, large: 1_000_000, reads: 300 };

/** Two rooms, filled. */
interface Rooms {
  readonly author: Person;
  readonly small: string;
  readonly large: string;
  readonly count: number;
}

/** Whether reading the newest messages costs more where there are many. */
export const history: Bench = {
  name: 'history',
  title: 'The newest 50 messages of a small and of a large room',
  async run(settings) {
    const recording = createRecording();
    await withEmbedded(async (store) => {
      say('  embedded store');
      const rooms = await fillRooms(store, settings);
      await compare(recording, 'embedded', settings, rooms, (roomId) => newest(store, roomId));
      await compare(recording, 'embedded, anywhere', settings, rooms, (roomId) => anywhere(store, roomId, rooms));
    });
    await withSetting(async (setting) => {
      say('  Redis store');
      const rooms = await fillRooms(setting.store, settings);
      await compare(recording, 'redis', settings, rooms, (roomId) => newest(setting.store, roomId));
      await compare(recording, 'redis, anywhere', settings, rooms, (roomId) => anywhere(setting.store, roomId, rooms));
      await throughApi(recording, setting, settings, rooms);
    });
    return findings(recording, settings);
  },
};

async function fillRooms(store: Store, settings: Settings): Promise<Rooms> {
  const { small, large } = sizes(settings);
  const [author] = await makePeople(store, 1, 'author');
  if (!author) throw new Error('There is no author.');
  const rooms = {
    author,
    count: large,
    small: await makeRoom(store, 'Small', [author]),
    large: await makeRoom(store, 'Large', [author]),
  };
  await fillRoom(store, rooms.small, author, small);
  await fillRoom(store, rooms.large, author, large);
  return rooms;
}

async function newest(store: Store, roomId: string): Promise<void> {
  const { messages } = await store.timeline.page(roomId, { after: null, before: null, from: 'end', limit: PAGE_SIZE });
  if (messages.length !== PAGE_SIZE) throw new Error(`A page of ${messages.length} messages.`);
}

async function anywhere(store: Store, roomId: string, { small, count }: Rooms): Promise<void> {
  const before = PAGE_SIZE + 1 + Math.floor(Math.random() * ((roomId === small ? 200 : count) - PAGE_SIZE));
  const { messages } = await store.timeline.page(roomId, { after: null, before, from: 'end', limit: PAGE_SIZE });
  if (messages.length !== PAGE_SIZE) throw new Error(`A page of ${messages.length} messages.`);
}

/** Reads both rooms in turn. The first round warms up and does not count. */
async function compare(
  recording: Recording,
  scenario: string,
  settings: Settings,
  rooms: Rooms,
  read: (roomId: string) => Promise<void>,
): Promise<void> {
  const { reads } = sizes(settings);
  for (let round = 0; round <= settings.rounds; round += 1) {
    for (const [name, roomId] of [
      [SMALL, rooms.small],
      [LARGE, rooms.large],
    ] as const) {
      const taken = await timeEach(reads, () => read(roomId));
      if (round === 0) continue;
      recording.add(scenario, name, 'median time', 'µs', median(taken));
      recording.add(scenario, name, 'p99', 'µs', summarise(taken).p99);
    }
  }
}

async function throughApi(recording: Recording, { redis }: Setting, settings: Settings, rooms: Rooms): Promise<void> {
  const session = await openSession('parley', redis);
  const connection = openHttpConnection(session.port, '/graphql', { authorization: `Bearer ${rooms.author.token}` });
  try {
    await compare(recording, 'api', settings, rooms, async (roomId) => {
      const answer = await connection.post(JSON.stringify({ query: PAGE, variables: { roomId } }));
      if (answer.split('"body"').length !== PAGE_SIZE + 1) throw new Error(`Not a page: ${answer.slice(0, 500)}`);
    });
  } finally {
    connection.close();
    await session.close();
  }
}

function findings(recording: Recording, settings: Settings): Findings {
  const { small, large, reads } = sizes(settings);
  const sized = (count: number) => count.toLocaleString('en-US');
  const ratio = (what: string, scenario: string, must: number | null) =>
    recording.ratio(what, { scenario, metric: 'median time', of: LARGE, to: SMALL }, must === null ? null : atMost(must));
  const of = `of ${sized(large)} messages`;
  return {
    n: `${settings.rounds} rounds of ${reads} reads; rooms of ${sized(small)} and ${sized(large)} messages of 70 characters`,
    figures: [
      ratio(`newest 50 ${of}, embedded store`, 'embedded', 1.5),
      ratio(`newest 50 ${of}, Redis store`, 'redis', 1.5),
      ratio(`newest 50 ${of}, through the API (HTTP, Redis)`, 'api', 1.25),
      ratio(`50 from anywhere ${of}, embedded store`, 'embedded, anywhere', null),
      ratio(`50 from anywhere ${of}, Redis store`, 'redis, anywhere', null),
    ],
    measurements: recording.measurements,
    charts: [
      recording.chart('Newest 50, embedded store: median time', 'embedded', 'median time', () => true),
      recording.chart('Newest 50, Redis store: median time', 'redis', 'median time', () => true),
      recording.chart('Newest 50, through the API: median time', 'api', 'median time', () => true),
    ],
    doubts: [],
  };
}
