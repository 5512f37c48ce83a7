import { type Browser, chromium } from 'playwright-core';
import { chromium as chromiumPath } from '../scripts/chromium.mjs';
import { atMost, type Bench, type Findings, type Settings } from './bench.ts';
import { flood } from './lib/flood.ts';
import { costliestTask, createPageProbe, type Seen, walkUp } from './lib/page-probe.ts';
import { makePeople, makeRoom } from './lib/people.ts';
import { say } from './lib/progress.ts';
import { createRecording, PARLEY, type Recording } from './lib/recording.ts';
import { openSession } from './lib/session.ts';
import { type Setting, withSetting } from './lib/setting.ts';
import { median, summarise } from './lib/statistics.ts';
import { fillRoom } from './lib/stores.ts';
import type { Person } from './load/dialects.ts';

const AUTHORS = 5;
const HISTORY = 200;
/** A page whose tasks take longer does not answer at once. */
const LONGEST_MS = 100;
const PATIENCE_MS = 60_000;
const WINDOW = { width: 1280, height: 800 };
const SCENES = ['messages', 'mixed'] as const;
type Scene = (typeof SCENES)[number];

const eventsOf = ({ quick }: Settings): number => (quick ? 200 : 1000);

/** Whether the web page stays responsive in a flood. */
export const page: Bench = {
  name: 'page',
  title: 'The web page while 1,000 events in one second come into the open room',
  async run(settings) {
    const recording = createRecording();
    const scenes = SCENES.filter((scene) => settings.scenes.length === 0 || settings.scenes.includes(scene));
    await withSetting(async (setting) => {
      const [reader, ...authors] = await makePeople(setting.store, AUTHORS + 1, 'person');
      if (!reader) throw new Error('There is nobody.');
      const session = await openSession('parley', setting.redis);
      const browser = await chromium.launch({ executablePath: await chromiumPath(), args: ['--no-sandbox', '--disable-quic'] });
      const look: Look = { setting, browser, url: `http://127.0.0.1:${session.port}`, reader, authors };
      try {
        for (const scene of scenes) {
          say(`  ${scene}`);
          // The first round warms the server up and does not count.
          for (let round = 0; round <= settings.rounds; round += 1) {
            const drawn = await measure(look, scene, eventsOf(settings));
            if (round > 0) record(recording, scene, drawn);
          }
        }
      } finally {
        await browser.close();
        await session.close();
      }
    });
    return findings(recording, settings);
  },
};

interface Look {
  readonly setting: Setting;
  readonly browser: Browser;
  readonly url: string;
  readonly reader: Person;
  readonly authors: readonly Person[];
}

interface Drawn extends Seen {
  /** When each message was due, ms since 1970. */
  readonly due: readonly number[];
  /** What the costliest task took, without the time it waited for a core. */
  readonly cpuMs: number;
}

/** What the page of a reader does while the open room is flooded. Rejects where a message is missing or out of order in the end. */
async function measure({ setting, browser, url, reader, authors }: Look, scene: Scene, events: number): Promise<Drawn> {
  const [author] = authors;
  if (!author) throw new Error('There is nobody.');
  const roomId = await makeRoom(setting.store, 'Flood', [reader, ...authors]);
  await fillRoom(setting.store, roomId, author, HISTORY);
  const context = await browser.newContext({ viewport: WINDOW });
  context.setDefaultTimeout(PATIENCE_MS);
  try {
    await context.addCookies([{ name: 'parley', value: reader.token, domain: '127.0.0.1', path: '/', httpOnly: true }]);
    const tab = await context.newPage();
    const probe = await createPageProbe(tab);
    await tab.goto(`${url}/#/room/${roomId}`);
    await tab.getByRole('log').getByRole('article').last().waitFor();
    let due: readonly number[] = [];
    let seen: Seen = { frames: [], longTasks: [] };
    const cpuMs = await costliestTask(browser, tab, async () => {
      await probe.start();
      due = await flood(setting.store, { roomId, authors, events, mixed: scene === 'mixed' });
      seen = await probe.stop(due.length);
    });
    const there = await walkUp(tab, 1);
    if (there.size !== due.length) throw new Error(`${due.length - there.size} messages are missing on the page.`);
    return { ...seen, due, cpuMs };
  } finally {
    await context.close();
  }
}

function record(recording: Recording, scene: Scene, { due, frames, longTasks, cpuMs }: Drawn): void {
  const add = (metric: string, unit: string, value: number) => recording.add(scene, PARLEY, metric, unit, value);
  add('longest task', 'ms', Math.max(0, ...longTasks));
  add('costliest task, CPU', 'ms', cpuMs);
  add('tasks over 50 ms', '', longTasks.length);
  const gaps = frames.slice(1).map(({ at }, index) => at - (frames[index]?.at ?? at));
  const { p50, p99, most } = summarise(gaps);
  add('between two pictures, p50', 'ms', p50);
  add('between two pictures, p99', 'ms', p99);
  add('between two pictures, longest', 'ms', most);
  const delays = summarise(due.map((at, index) => (frames.find(({ newest }) => newest > index)?.at ?? Number.NaN) - at));
  add('from due to drawn, p50', 'ms', delays.p50);
  add('from due to drawn, p99', 'ms', delays.p99);
  add('elements in the log, most', '', Math.max(...frames.map(({ elements }) => elements)));
}

function findings(recording: Recording, settings: Settings): Findings {
  const value = (what: string, scene: Scene, metric: string, must: number | null) =>
    recording.value(what, { scenario: scene, metric, of: PARLEY }, must === null ? null : atMost(must));
  return {
    n: `${settings.rounds} rounds of ${eventsOf(settings)} events, one each millisecond; a room with ${HISTORY} messages before; ${WINDOW.width} x ${WINDOW.height}`,
    figures: [
      value('1,000 messages in one second: longest task of the page', 'messages', 'longest task', LONGEST_MS),
      value('1,000 messages, edits and reactions: longest task of the page', 'mixed', 'longest task', LONGEST_MS),
      value('1,000 messages in one second: from due to drawn, p99', 'messages', 'from due to drawn, p99', null),
      value('1,000 messages in one second: longest time between two pictures', 'messages', 'between two pictures, longest', null),
    ],
    measurements: recording.measurements,
    charts: SCENES.map((scene) => recording.chart(`${scene}: longest task of the page`, scene, 'longest task')),
    doubts: SCENES.flatMap((scene) => doubtOf(recording, scene)),
  };
}

/** A long task that cost little has waited for others on this machine. */
function doubtOf(recording: Recording, scene: Scene): string[] {
  const [lasted, cost] = ['longest task', 'costliest task, CPU'].map((metric) => median(recording.rounds(scene, PARLEY, metric)));
  if (lasted === undefined || cost === undefined || lasted <= LONGEST_MS || cost > LONGEST_MS) return [];
  return [
    `${scene}: the longest task lasted ${lasted.toFixed(0)} ms, the costliest took ${cost.toFixed(0)} ms of CPU: the machine was busy`,
  ];
}
