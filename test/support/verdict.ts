import { type Position, parseCursor } from '../../src/domain/position.ts';
import { at } from './graphql-client.ts';
import type { RoomLoad } from './room-load.ts';
import { finalTruth, judgeFollowers } from './room-truth.ts';
import type { TestServer } from './server.ts';
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

/** Waits until every follower stands where its room stands, then judges all logs, and whether what was acknowledged is stored, once. */
export async function verdict(evidence: Evidence): Promise<string[]> {
  const { url, crowd, load } = evidence;
  const heads = await arrivals(evidence);
  const found: string[] = [...load.faults];
  for (const [roomId, head] of heads) {
    const truth = await finalTruth(evidence.servers, roomId, head);
    const followers = crowd.followers.filter((follower) => follower.roomId === roomId);
    found.push(...judgeFollowers(followers, truth, head));
    const stored = (await timelineOf(url, crowd.owner, roomId)).flatMap(({ id, kind }) => (kind === 'TEXT' ? [id] : []));
    const sent = load.sent.flatMap((message) => (message.roomId === roomId ? [message.id] : []));
    if (!evidence.forgetful) found.push(...differences(sent, stored));
  }
  return found;
}

/** Where each room stands, once all its followers stand there too. */
export async function arrivals({
  url,
  crowd,
  since,
  withinMs,
}: Pick<Evidence, 'url' | 'crowd' | 'since' | 'withinMs'>): Promise<Map<string, Position>> {
  const heads = new Map<string, string>();
  for (const roomId of crowd.roomIds)
    heads.set(
      roomId,
      await waitFor(() => cursorOf(url, crowd.owner, roomId), { what: 'the room to be read', timeoutMs: 10_000 }),
    );
  const late = () =>
    crowd.followers.flatMap(({ name, roomId, log }) =>
      log.ended || log.after === heads.get(roomId) ? [] : [`${name} at ${log.after}`],
    );
  const left = withinMs - (performance.now() - since);
  await waitFor(() => late().length === 0, { what: 'everybody to arrive', timeoutMs: left }).catch((error: Error) => {
    throw new Error(`${error.message}: ${late().join(', ')} but rooms at ${[...heads.values()].join(', ')}`);
  });
  return new Map([...heads].map(([roomId, cursor]) => [roomId, parseCursor(cursor) ?? { epoch: '', number: 0 }]));
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
