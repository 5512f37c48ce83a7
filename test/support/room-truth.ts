import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageId, parseMessageId } from '../../src/domain/ids.ts';
import { claims, type Position } from '../../src/domain/position.ts';
import { judge, type Seen, type TruthEvent } from './checker.ts';
import type { Sighting } from './room-log.ts';
import type { Follower } from './subscriber-log.ts';
import { waitFor } from './wait-for.ts';

/** One numbered change with the state it left its entry in. */
export interface RecordedEvent extends TruthEvent {
  readonly state: string;
}

/** All that can change of an entry, in words: two states of an entry that say the same are the same. */
export function stateOf({
  body,
  deleted,
  reactions,
}: {
  readonly body: string;
  readonly deleted: boolean;
  readonly reactions: readonly (readonly [emoji: string, count: number])[];
}): string {
  return deleted ? 'deleted' : [body, ...reactions.map(([emoji, count]) => `${emoji}${count}`)].join(' ');
}

/** A command as Redis wrote it to its append-only file. */
type Command = readonly string[];

/**
 * What Redis has written down of every command that changed something, in order: its own record, which knows nothing of how the server reads it. What it
 * lost is not in it.
 */
export async function readJournal(directory: string): Promise<Command[]> {
  const folder = path.join(directory, 'appendonlydir');
  const manifest = await readFile(path.join(folder, 'appendonly.aof.manifest'), 'utf8');
  const files = [...manifest.matchAll(/^file (\S+) seq \d+ type i$/gm)].map((match) => match[1] ?? '');
  return (await Promise.all(files.map(async (file) => commandsIn(await readFile(path.join(folder, file)))))).flat();
}

// A last command that was cut off does not count: Redis does not take it either.
function commandsIn(bytes: Buffer): Command[] {
  const commands: Command[] = [];
  let from = 0;
  const line = (): string | null => {
    const end = bytes.indexOf('\r\n', from);
    if (end < 0) return null;
    const text = bytes.toString('utf8', from, end);
    from = end + 2;
    return text;
  };
  for (let head = line(); head !== null; head = line()) {
    const words: string[] = [];
    for (let left = Number(head.slice(1)); left > 0; left -= 1) {
      const length = Number(line()?.slice(1) ?? Number.NaN);
      if (!(from + length + 2 <= bytes.length)) return commands;
      words.push(bytes.toString('utf8', from, from + length));
      from += length + 2;
    }
    commands.push(words);
  }
  return commands;
}

/** Every event of a room by the journals of the servers that kept it, in order of numbers. */
export function truthOf(journals: readonly (readonly Command[])[], roomId: string): RecordedEvent[] {
  const room = `{room:${roomId}}`;
  const events = new Map<number, Omit<RecordedEvent, 'epoch'>>();
  const epochs = new Map<number, string>();
  for (const journal of journals) {
    const entries = new Map<number, StoredEntry>();
    for (const [command, key, ...words] of journal) {
      if (command === 'ZADD' && key === `${room}:timeline`) {
        const entry = parseEntry(roomId, words[1] ?? '');
        entries.set(entry.entry, entry);
        // The first time under its number; later it is the same entry, changed.
        if (!entry.changed && !events.has(entry.entry)) events.set(entry.entry, { ...entry, number: entry.entry });
      } else if (command === 'ZADD' && key === `${room}:changes`) {
        const [number, entry] = [Number(words[0]), entries.get(Number(words[1]))];
        if (entry) events.set(number, { number, entry: entry.entry, id: entry.id, state: entry.state });
      } else if (command === 'HSET' && key === room) {
        const field = (name: string) => words[words.indexOf(name) + 1] ?? '';
        if (words.includes('number')) epochs.set(Number(field('number')), field('epoch'));
      }
    }
  }
  return [...events.values()]
    .sort((a, b) => a.number - b.number)
    .map((event) => ({ ...event, epoch: epochs.get(event.number) ?? '' }));
}

type StoredEntry = Omit<RecordedEvent, 'epoch' | 'number'> & { readonly changed: boolean };

function parseEntry(roomId: string, text: string): StoredEntry {
  const [number, kind, author, at, , body, extra = {}] = JSON.parse(text);
  return {
    entry: number,
    id: messageId({ roomId, number, at }),
    state: stateOf({ body, deleted: extra.d !== undefined, reactions: extra.x ?? [] }),
    changed: extra.v !== undefined || extra.c !== undefined,
    ...(kind === 2 && { removes: author }),
  };
}

/** As {@link truthOf}, once Redis has written down all up to where the room stands. Rejects where a number is missing. */
export async function finalTruth(
  servers: readonly { readonly directory: string }[],
  roomId: string,
  head: Position,
): Promise<RecordedEvent[]> {
  const read = async () => truthOf(await Promise.all(servers.map(({ directory }) => readJournal(directory))), roomId);
  const truth = await waitFor(
    async () => {
      const events = await read();
      return (events.at(-1)?.number ?? 0) >= head.number && events;
    },
    { what: `the journal to reach ${head.number}` },
  );
  const holes = truth.flatMap(({ number }, index) => (number === index + 1 ? [] : [number]));
  if (holes.length > 0 || truth.length !== head.number) throw new Error(`numbers are missing before ${holes.join(' ')}`);
  return truth;
}

/**
 * The log as the checker reads it. What a state shown contains is found by comparing it with the states that were: the latest one that looks the same and
 * that the place can know of. A state that never was, or was over before the event it is shown with, is nobody's: the checker calls it forked.
 */
export function seenBy(sightings: readonly Sighting[], truth: readonly RecordedEvent[]): Seen[] {
  const histories = new Map<string, RecordedEvent[]>();
  for (const event of truth) histories.set(event.id, [...(histories.get(event.id) ?? []), event]);
  return sightings.flatMap((sighting): Seen[] => {
    if (sighting.type === 'signal') return [];
    if (sighting.type !== 'event') return [sighting];
    const { position, id, state } = sighting;
    const entry = parseMessageId(id)?.number ?? 0;
    const known = histories.get(id)?.findLast((event) => event.state === state && event.number <= claims(position));
    if (known && known.number >= position.number) return [{ type: 'event', position, entry, id, changed: known.number }];
    return [{ type: 'event', position, entry, id: `${id} as "${state}"`, changed: position.number }];
  });
}

/** Judges followers of one room. @returns what is wrong, by name; nothing where all is well */
export function judgeFollowers(followers: readonly Follower[], truth: readonly RecordedEvent[], head: Position | null): string[] {
  return followers.flatMap((follower) => {
    const seen = seenBy(follower.log.sightings, truth);
    // One whose session has ended was shown all up to there.
    const end = follower.log.ended && head ? follower.log.cursor : head;
    const found = [...judge(truth, seen, { userId: follower.userId, end }), ...follower.log.faults];
    return found.map((fault) => `${follower.name}: ${fault}`);
  });
}
