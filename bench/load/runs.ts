import { bodyWith, wordIn } from './bodies.ts';
import type { Crowd, Sender } from './crowd.ts';
import { inTurn } from './in-turn.ts';

/** What a run came to. */
export interface RunResult {
  readonly events: number;
  readonly deliveries: number;
  readonly seconds: number;
}

// A round of marks not complete after this time is followed by another.
const SETTLE_MS = 300;
const SETTLE_ROUNDS = 100;
// What has not arrived so long after the last was sent is lost.
const DRAIN_MS = 60_000;

const micros = (): number => Math.round(performance.now() * 1000);

/**
 * Resolves when every subscription delivers and nothing is under way any more: when a message to each room has arrived everywhere. Messages of
 * one room arrive in order, so after that nothing older can.
 */
export async function settle(crowd: Crowd): Promise<void> {
  const sender = inTurn(crowd.senders);
  const wanted = crowd.rooms.length * crowd.fanOut;
  for (let round = 0; round < SETTLE_ROUNDS; round += 1) {
    const mark = `settle-${round}`;
    let arrived = 0;
    const all = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), SETTLE_MS * (round + 1));
      for (const { socket } of crowd.readers) socket.reader.inspect = true;
      for (const reader of crowd.readers) {
        reader.onText = (bytes, from, to) => {
          if (wordIn(bytes, from, to) === mark) arrived += 1;
          if (arrived < wanted) return;
          clearTimeout(timer);
          resolve(true);
        };
      }
    });
    for (const room of crowd.rooms) crowd.send(sender(), room, bodyWith(mark));
    if (await Promise.race([all, crowd.trouble])) return quiet(crowd);
  }
  throw new Error('Some subscriptions never delivered.');
}

function quiet({ readers }: Crowd): void {
  for (const reader of readers) {
    reader.socket.reader.inspect = false;
    reader.onText = () => {};
  }
}

/** Sends as fast as deliveries come back, `window` events in flight, for some time; ends when all has arrived. */
export function saturate(crowd: Crowd, { window, ms }: { window: number; ms: number }): Promise<RunResult> {
  const sender = inTurn(crowd.senders);
  const room = inTurn(crowd.rooms);
  const start = performance.now();
  let events = 0;
  let deliveries = 0;
  let timer: NodeJS.Timeout | undefined;
  const run = new Promise<RunResult>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${events * crowd.fanOut - deliveries} deliveries are missing.`)), ms + DRAIN_MS);
    const pump = () => {
      const now = performance.now();
      while (now - start < ms && events - Math.floor(deliveries / crowd.fanOut) < window) {
        events += 1;
        crowd.send(sender(), room(), bodyWith(micros().toString(36)));
      }
      if (deliveries > events * crowd.fanOut) reject(new Error('More arrived than was sent.'));
      if (now - start >= ms && deliveries === events * crowd.fanOut)
        resolve({ events, deliveries, seconds: (now - start) / 1000 });
    };
    crowd.onDelivered = (texts) => {
      deliveries += texts;
      pump();
    };
    pump();
  });
  return Promise.race([run, crowd.trouble]).finally(() => clearTimeout(timer));
}

/** Times from when a message was due to when it arrived, in ms, of every `sampleEvery`th reader. */
export interface PaceResult extends RunResult {
  readonly latencies: Float64Array;
  /** How many times there would be if everything had arrived. */
  readonly expected: number;
}

/**
 * Sends at a fixed rate, whatever comes back; what is still missing `graceMs` after the last was due is given up. Times count from when a message was due:
 * one that had to wait for its turn has waited.
 */
export function pace(
  crowd: Crowd,
  { perSecond, ms, sampleEvery, graceMs }: { perSecond: number; ms: number; sampleEvery: number; graceMs: number },
): Promise<PaceResult> {
  const sender = inTurn(crowd.senders);
  const room = inTurn(crowd.rooms);
  const latencies: number[] = [];
  const total = Math.round((perSecond * ms) / 1000);
  const start = micros();
  const gap = 1e6 / perSecond;
  let events = 0;
  let deliveries = 0;

  const sampled = crowd.readers.filter((_, index) => index % sampleEvery === 0);
  for (const reader of sampled) {
    reader.socket.reader.inspect = true;
    reader.onText = (bytes, from, to) => {
      if (to - from < 200) return;
      latencies.push((micros() - Number.parseInt(wordIn(bytes, from, to), 36)) / 1000);
    };
  }
  const run = new Promise<PaceResult>((resolve) => {
    let timer: NodeJS.Timeout;
    const done = () => {
      clearTimeout(timer);
      quiet(crowd);
      crowd.onDelivered = () => {};
      const seconds = (micros() - start) / 1e6;
      const expected = (total * crowd.fanOut * sampled.length) / crowd.readers.length;
      resolve({ events, deliveries, seconds, latencies: Float64Array.from(latencies), expected });
    };
    const tick = () => {
      for (let due = start + events * gap; events < total && due <= micros(); due = start + events * gap) {
        events += 1;
        crowd.send(sender(), room(), bodyWith(Math.round(due).toString(36)));
      }
      if (events < total) timer = setTimeout(tick, Math.max(0, (start + events * gap - micros()) / 1000));
      else timer = setTimeout(done, graceMs);
    };
    crowd.onDelivered = (texts) => {
      deliveries += texts;
      if (events === total && deliveries >= total * crowd.fanOut) done();
    };
    tick();
  });
  return Promise.race([run, crowd.trouble]);
}

/** Sends as fast as answers come back, so many in flight, and counts answers; ends when all are answered. */
export function sendAll(crowd: Crowd, roomId: string, { inFlight, ms }: { inFlight: number; ms: number }): Promise<RunResult> {
  const start = performance.now();
  let events = 0;
  let answers = 0;
  const run = new Promise<RunResult>((resolve) => {
    const send = (sender: Sender) => {
      events += 1;
      crowd.send(sender, roomId, bodyWith(events.toString(36)));
    };
    crowd.onSent = (sender) => {
      answers += 1;
      if (performance.now() - start < ms) return send(sender);
      if (answers < events) return;
      crowd.onSent = () => {};
      resolve({ events, deliveries: 0, seconds: (performance.now() - start) / 1000 });
    };
    const sender = inTurn(crowd.senders);
    for (let i = 0; i < inFlight; i += 1) send(sender());
  });
  return Promise.race([run, crowd.trouble]);
}
