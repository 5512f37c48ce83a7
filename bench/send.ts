import { atLeast, atMost, type Bench, type Findings, type Settings } from './bench.ts';
import { makePeople, makeRoom } from './lib/people.ts';
import { say } from './lib/progress.ts';
import { createRecording, PARLEY, type Recording } from './lib/recording.ts';
import { doubtOf, type Loaded, openSession, runResult } from './lib/session.ts';
import { type Setting, withSetting } from './lib/setting.ts';
import { openWireTap, type Tapped } from './lib/wire-tap.ts';
import { bodyWith } from './load/bodies.ts';
import { createCrowd } from './load/crowd.ts';
import { DIALECTS, type Person } from './load/dialects.ts';
import { SEND } from './load/documents.ts';
import { openHttpConnection } from './load/socket.ts';

const IN_FLIGHT = 32;
// Few enough operations on each socket for any server's limits.
const SOCKETS = 4;
const SERVERS = ['raw', 'tutorial', PARLEY];
const WS = 'WebSocket';
const HTTP = 'HTTP POST';
const SCRIPT = 'the script alone';
const YOGA = 'yoga, same script';
const BARE_HTTP = 'node:http, same script';
const RATE = 'sent per second';
const COST = 'server CPU per message';
const COUNTED = 25;

const times = ({ quick }: Settings) => (quick ? { warmMs: 100, ms: 300 } : { warmMs: 1000, ms: 3000 });

/** A room with one who writes in it. */
interface Place {
  readonly sender: Person;
  readonly roomId: string;
}

/** What stands between sendMessage and the one script call that it comes to. */
export const send: Bench = {
  name: 'send',
  title: 'Sending messages',
  async run(settings) {
    const recording = createRecording();
    const doubts: string[] = [];
    await withSetting(async (setting) => {
      const [sender] = await makePeople(setting.store, 1, 'sender');
      if (!sender) throw new Error('There is no sender.');
      const place = { sender, roomId: await makeRoom(setting.store, 'Room', [sender]) };
      say('  round trips to Redis');
      await countRoundTrips(recording, setting, place);
      for (let round = 1; round <= settings.rounds; round += 1) {
        for (const server of SERVERS) {
          say(`    round ${round} of ${settings.rounds}, ${WS}, ${server}`);
          await overWebSocket(recording, doubts, setting, settings, place, server);
        }
        say(`    round ${round} of ${settings.rounds}, ${HTTP}`);
        await overHttp(recording, doubts, setting, settings, place, 'tutorial', YOGA, { SEND_BY_SCRIPT: '1' });
        await overHttp(recording, doubts, setting, settings, place, 'raw', BARE_HTTP, {});
        await overHttp(recording, doubts, setting, settings, place, PARLEY, PARLEY, {});
      }
    });
    return findings(recording, settings, doubts);
  },
};

/** Sends one message after the other and looks at what each makes the server ask of Redis. */
async function countRoundTrips(recording: Recording, { redis }: Setting, { sender, roomId }: Place): Promise<void> {
  const tap = await openWireTap(redis.port);
  const session = await openSession(PARLEY, { ...redis, url: tap.url });
  const connection = openHttpConnection(session.port, '/graphql', { authorization: `Bearer ${sender.token}` });
  const dialect = DIALECTS[PARLEY];
  if (!dialect) throw new Error('Nobody speaks with Parley.');
  const crowd = createCrowd(dialect, [session.port]);
  await crowd.openSenders(sender, 1);
  const [first] = crowd.senders;
  const body = bodyWith('counted');

  const byHttp = async (): Promise<void> => {
    const answer = await connection.post(JSON.stringify({ query: SEND, variables: { input: { roomId, body } } }));
    if (answer.includes('"errors"')) throw new Error(answer);
  };
  const bySocket = (): Promise<void> => {
    const answered = new Promise<void>((resolve) => {
      crowd.onSent = () => resolve();
    });
    if (first) crowd.send(first, roomId, body);
    return Promise.race([answered, crowd.trouble]);
  };
  try {
    for (const [scenario, work] of [
      [WS, bySocket],
      [HTTP, byHttp],
    ] as const) {
      // Whoever is first also has to load scripts.
      await work();
      const all: Tapped[] = [];
      for (let i = 0; i < COUNTED; i += 1) all.push(await tap.listen(work));
      note(recording, scenario, all);
    }
  } finally {
    for (const { client } of crowd.senders) client.socket.close();
    connection.close();
    await session.close();
    await tap.close();
  }
}

// Who it is: all that comes before the message itself.
const AUTHORIZATION = new Set(['find-session']);

function note(recording: Recording, scenario: string, all: readonly Tapped[]): void {
  const calls = all.flatMap(({ commands }) => commands);
  for (const { commands, roundTrips } of all) {
    recording.add(scenario, PARLEY, 'round trips in all', '', roundTrips);
    recording.add(scenario, PARLEY, 'calls after authorization', '', commands.filter((name) => !AUTHORIZATION.has(name)).length);
  }
  // Whatever goes on beside the messages shows up as much less than one.
  for (const name of new Set(calls))
    recording.add(scenario, PARLEY, `calls of ${name}, mean`, '', calls.filter((one) => one === name).length / all.length);
}

function noteRate(
  recording: Recording,
  doubts: string[],
  scenario: string,
  candidate: string,
  loaded: Loaded<{ events: number; seconds: number }>,
): void {
  const { events, seconds } = loaded.result;
  recording.add(scenario, candidate, RATE, '/s', events / seconds);
  recording.add(scenario, candidate, COST, 'µs', loaded.server.cpuMicros / events);
  recording.add(scenario, candidate, 'Redis CPU per message', 'µs', loaded.redisMicros / events);
  recording.add(scenario, candidate, 'generator share of a core', '', loaded.generator.cpuMicros / loaded.generator.wallMicros);
  const doubt = doubtOf(`${scenario}, ${candidate}`, loaded);
  if (doubt !== null) doubts.push(doubt);
}

async function overWebSocket(
  recording: Recording,
  doubts: string[],
  { redis }: Setting,
  settings: Settings,
  { sender, roomId }: Place,
  server: string,
): Promise<void> {
  const { warmMs, ms } = times(settings);
  const session = await openSession(server, redis);
  try {
    await session.openSenders(sender, SOCKETS);
    await session.load('send', { roomId, inFlight: IN_FLIGHT, ms: warmMs }, runResult);
    noteRate(recording, doubts, WS, server, await session.load('send', { roomId, inFlight: IN_FLIGHT, ms }, runResult));
    if (server !== 'raw') return;
    const input = { roomId, userId: sender.userId, body: bodyWith('bare'), inFlight: IN_FLIGHT, ms };
    const { events, seconds } = await session.server.call('bare', input, runResult);
    recording.add(WS, SCRIPT, RATE, '/s', events / seconds);
  } finally {
    await session.close();
  }
}

async function overHttp(
  recording: Recording,
  doubts: string[],
  { redis }: Setting,
  settings: Settings,
  { sender, roomId }: Place,
  server: string,
  candidate: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { warmMs, ms } = times(settings);
  const session = await openSession(server, redis, { env });
  const input = { port: session.port, token: sender.token, roomId, inFlight: IN_FLIGHT };
  try {
    await session.load('post', { ...input, ms: warmMs }, runResult);
    noteRate(recording, doubts, HTTP, candidate, await session.load('post', { ...input, ms }, runResult));
  } finally {
    await session.close();
  }
}

function findings(recording: Recording, { rounds }: Settings, doubts: readonly string[]): Findings {
  const rate = (what: string, scenario: string, to: string, must: number | null, aim: number | null) =>
    recording.ratio(
      what,
      { scenario, metric: RATE, of: PARLEY, to },
      must === null ? null : atLeast(must),
      aim === null ? null : atLeast(aim),
    );
  const calls = (what: string, scenario: string, metric: string, must: number) =>
    recording.value(what, { scenario, metric, of: PARLEY }, atMost(must));
  const perSecond = (how: string) => `sendMessage over ${how}, ${IN_FLIGHT} in flight: per second`;
  return {
    n: `${rounds} rounds; ${IN_FLIGHT} in flight (${WS}: on ${SOCKETS} sockets); round trips of ${COUNTED} messages one by one`,
    figures: [
      calls(`sendMessage over ${WS}: store calls after authorization`, WS, 'calls after authorization', 1),
      calls(`sendMessage over ${WS}: round trips in all`, WS, 'round trips in all', 1),
      calls(`sendMessage over ${HTTP}: store calls after authorization`, HTTP, 'calls after authorization', 1),
      calls(`sendMessage over ${HTTP}: round trips in all`, HTTP, 'round trips in all', 2),
      rate(perSecond(WS), WS, 'raw', 0.5, 0.75),
      rate(perSecond(WS), WS, 'tutorial', 5, null),
      rate(perSecond(WS), WS, SCRIPT, null, null),
      rate(perSecond(HTTP), HTTP, YOGA, 4, 6),
      rate(perSecond(HTTP), HTTP, BARE_HTTP, null, null),
    ],
    measurements: recording.measurements,
    charts: [recording.chart(perSecond(WS), WS, RATE), recording.chart(perSecond(HTTP), HTTP, RATE)],
    doubts,
  };
}
