import { z } from 'zod';
import { atMost, type Bench, type Findings, type Settings } from './bench.ts';
import { makePeople, makeRoom } from './lib/people.ts';
import { say } from './lib/progress.ts';
import { createRecording, PARLEY, type Recording } from './lib/recording.ts';
import { openSession } from './lib/session.ts';
import { type Setting, withSetting } from './lib/setting.ts';
import type { Person } from './load/dialects.ts';

const SCENARIO = 'n5000';
const STALL = 'longest stall of the event loop';
const MISSED = 20;
const CONNECTS_AT_ONCE = 128;

const size = ({ quick }: Settings) => (quick ? 100 : 5000);

const nothing = z.undefined().or(z.null());
const back = z.object({ seconds: z.number(), sentAway: z.number() });

/** Thousands of sockets that are cut at once and come back. */
export const herd: Bench = {
  name: 'herd',
  title: 'Thousands of sockets cut at once come back by their cursors',
  async run(settings) {
    const recording = createRecording();
    await withSetting(async (setting) => {
      const people = await makePeople(setting.store, size(settings), 'herd');
      for (let round = 1; round <= settings.rounds; round += 1) {
        say(`    round ${round} of ${settings.rounds}`);
        await dropAndReturn(recording, setting, people);
      }
    });
    return findings(recording, settings);
  },
};

/** Each round in a room of its own. What the herd missed, had twice or out of order is an error and ends the run. */
async function dropAndReturn(recording: Recording, { redis, store }: Setting, people: readonly Person[]): Promise<void> {
  const roomId = await makeRoom(store, 'Herd', people);
  const session = await openSession(PARLEY, redis);
  const stall = () => session.server.call('stall', null, z.number());
  const replays = async () => {
    const text = await (await fetch(`http://127.0.0.1:${session.port}/metrics`)).text();
    return Number(/^parley_replays_total (\d+)/m.exec(text)?.[1]);
  };
  async function write(): Promise<void> {
    for (let i = 0; i < MISSED; i += 1) {
      const said = {
        roomId,
        authorId: people[0]?.userId ?? '',
        body: 'x',
        mentions: [],
        replyTo: null,
        idempotency: null,
        keep: 0,
      };
      await store.timeline.append(said);
    }
  }
  try {
    await session.load('herdStart', { port: session.port, people, roomId, atOnce: CONNECTS_AT_ONCE }, nothing);
    await stall();
    const before = await replays();
    const [{ result, server }] = await Promise.all([session.load('herdDrop', { head: MISSED }, back), write()]);
    recording.add(SCENARIO, PARLEY, STALL, 'ms', await stall());
    recording.add(SCENARIO, PARLEY, 'all back after', 's', result.seconds);
    recording.add(SCENARIO, PARLEY, 'server CPU per socket', 'µs', server.cpuMicros / people.length);
    recording.add(SCENARIO, PARLEY, 'replays read from Redis', '', (await replays()) - before);
    recording.add(SCENARIO, PARLEY, 'told to come back later', '', result.sentAway);
  } finally {
    await session.close();
  }
}

function findings(recording: Recording, settings: Settings): Findings {
  const what = '5,000 sockets dropped at once';
  const figure = (metric: string) => ({ scenario: SCENARIO, metric, of: PARLEY });
  return {
    n: `${settings.rounds} rounds of ${size(settings)} sockets, ${MISSED} messages missed by each`,
    figures: [
      recording.value(`${what}: longest stall of the event loop`, figure(STALL), atMost(1000)),
      recording.value(`${what}: replays read from Redis`, figure('replays read from Redis'), atMost(5)),
      recording.value(`${what}: all back after`, figure('all back after'), null),
      recording.value(`${what}: server CPU per socket`, figure('server CPU per socket'), null),
    ],
    measurements: recording.measurements,
    charts: [],
    doubts: [],
  };
}
