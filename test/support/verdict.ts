import { parseMessageId } from '../../src/domain/ids.ts';
import { claims, type Position, parseCursor, toCursor } from '../../src/domain/position.ts';
import { at } from './graphql-client.ts';
import type { RoomLoad } from './room-load.ts';
import { finalTruth, judgeFollowers, type RecordedEvent } from './room-truth.ts';
import type { TestServer } from './server.ts';
import type { Follower } from './subscriber-log.ts';
import { type Crowd, cursorOf, timelineOf } from './two-nodes.ts';
import { waitFor } from './wait-for.ts';

/** What is to be judged, when the faults are over and nothing is written any more. */
export interface Evidence {
  /** The Redis servers, by what they have written down. */
  readonly servers: readonly { readonly directory: string }[];
  /** A server to ask. */
  readonly url: string;
  readonly crowd: Crowd;
  readonly load: RoomLoad;
  /** When the last fault ended, by `performance.now()`, and how long all may take to arrive from then on. */
  readonly since: number;
  readonly withinMs: number;
  /** The store lost some of what it acknowledged: then only what followers were told is judged. */
  readonly forgetful?: boolean;
}

/**
 * Waits until every follower stands where its room stands, then judges all logs, and whether what was acknowledged is stored, once. What is merely still to
 * come is waited for as well.
 */
export async function verdict(evidence: Evidence): Promise<string[]> {
  const { url, crowd, load } = evidence;
  const heads = await arrivals(evidence);
  const found: string[] = [...load.faults];
  for (const [roomId, head] of heads) {
    const truth = await finalTruth(evidence.servers, roomId, head);
    const followers = crowd.followers.filter((follower) => follower.roomId === roomId);
    const faults = () => judgeFollowers(followers, truth, head);
    await waitFor(() => faults().length === 0, { what: 'logs without a fault', timeoutMs: timeLeft(evidence) }).catch(() =>
      found.push(...faults()),
    );
    const stored = (await timelineOf(url, crowd.owner, roomId)).flatMap(({ id, kind }) => (kind === 'TEXT' ? [id] : []));
    const sent = load.sent.flatMap((message) => (message.roomId === roomId ? [message.id] : []));
    if (!evidence.forgetful) found.push(...differences(sent, stored), ...missingChanges(load, roomId, truth));
  }
  return found;
}

const timeLeft = ({ since, withinMs }: Pick<Evidence, 'since' | 'withinMs'>): number => withinMs - (performance.now() - since);

function missingChanges({ changed }: RoomLoad, roomId: string, truth: readonly RecordedEvent[]): string[] {
  const were = new Set(truth.map(({ id, state }) => `${id} ${state.split(' ', 2).join(' ')}`));
  const here = changed.filter(({ id }) => parseMessageId(id)?.roomId === roomId);
  return here.flatMap(({ id, state }) =>
    were.has(`${id} ${state}`) ? [] : [`acknowledged but never stored: ${state} of ${id}`],
  );
}

/** Whether all up to there has come, or is part of a state that has: in a replay a message comes once, in its present state, at its own place. */
export const standsAt = ({ log }: Follower, head: Position): boolean =>
  log.cursor !== null && log.cursor.epoch === head.epoch && claims(log.cursor) === head.number;

/** Where each room stands, once all its followers stand there too. */
export async function arrivals(
  evidence: Pick<Evidence, 'url' | 'crowd' | 'since' | 'withinMs'>,
): Promise<ReadonlyMap<string, Position>> {
  const { url, crowd } = evidence;
  const heads = new Map<string, Position>();
  for (const roomId of crowd.roomIds) {
    const head = async () => parseCursor((await cursorOf(url, crowd.owner, roomId)) ?? '');
    heads.set(roomId, await waitFor(head, { what: 'the room to be read', timeoutMs: 10_000 }));
  }
  const late = () =>
    crowd.followers.flatMap((follower) => {
      const head = heads.get(follower.roomId);
      return follower.log.ended || !head || standsAt(follower, head) ? [] : [`${follower.name} at ${follower.log.after}`];
    });
  await waitFor(() => late().length === 0, { what: 'everybody to arrive', timeoutMs: timeLeft(evidence) }).catch(
    (error: Error) => {
      throw new Error(`${error.message}: ${late().join(', ')}; rooms at ${[...heads.values()].map(toCursor).join(', ')}`);
    },
  );
  return heads;
}

function differences(sent: readonly string[], stored: readonly string[]): string[] {
  const twice = stored.filter((id, index) => stored.indexOf(id) !== index);
  return [
    ...sent.filter((id) => !stored.includes(id)).map((id) => `acknowledged but not stored: ${id}`),
    ...stored.filter((id) => !sent.includes(id)).map((id) => `stored, never acknowledged: ${id}`),
    ...twice.map((id) => `stored twice: ${id}`),
  ];
}

/** What servers logged as errors: of an outage that is foreseen nothing is. */
export const errorsOf = (nodes: readonly Pick<TestServer, 'lines'>[]): string[] =>
  nodes.flatMap(({ lines }) => lines.filter((line) => Number(at(JSON.parse(line), 'level')) >= 50));
