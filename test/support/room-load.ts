import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, at, post, textAt } from './graphql-client.ts';
import type { Random } from './random.ts';
import type { TestUser } from './server.ts';

/** A message whose sending was acknowledged. */
export interface Sent {
  readonly id: string;
  readonly roomId: string;
  readonly body: string;
  readonly authorId: string;
}

/** A change to a message that was acknowledged, by the words its state begins with. */
export interface Changed {
  readonly id: string;
  readonly state: string;
}

/** Writers at work. */
export interface RoomLoad {
  readonly sent: Sent[];
  readonly changed: readonly Changed[];
  /** How many changes of any kind were acknowledged. */
  readonly done: number;
  /** How many tries failed, and were made again. */
  readonly failed: number;
  /** The longest that one try took, in ms. */
  readonly longest: number;
  /** Answers that no client should ever get. */
  readonly faults: readonly string[];
  /** Ends it once everything begun has been acknowledged. */
  stop(): Promise<void>;
}

/** Who writes where. */
export interface LoadOptions {
  readonly urls: readonly string[];
  /** Members of every room. */
  readonly writers: readonly TestUser[];
  readonly roomIds: readonly string[];
  readonly random: Random;
  /** How long each writer rests between two changes: with the number of writers, the rate. */
  readonly restMs: number;
  /** The store may lose what it acknowledged: then what is not there any more cannot be changed. */
  readonly forgetful?: boolean;
  /** Nothing is ever changed. */
  readonly sendsOnly?: boolean;
}

const MUTATIONS = {
  sendMessage: 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { id body } } }',
  editMessage: 'mutation Edit($input: EditMessageInput!) { editMessage(input: $input) { message { id } } }',
  deleteMessage: 'mutation Delete($input: DeleteMessageInput!) { deleteMessage(input: $input) { message { id } } }',
  addReaction: 'mutation React($input: AddReactionInput!) { addReaction(input: $input) { message { id } } }',
};
const EMOJIS = ['👍', '🎉', '❤️', '🚀', '👀'];
// Longer than the server takes to say that it cannot: a try that takes this long hangs.
const HANGS_MS = 10_000;

/** Has every writer send, edit, react and delete, as a client should: with a key for each message, and again until it is acknowledged. */
export function startLoad({
  urls,
  writers,
  roomIds,
  random,
  restMs,
  forgetful = false,
  sendsOnly = false,
}: LoadOptions): RoomLoad {
  const sent: Sent[] = [];
  const changed: Changed[] = [];
  const faults: string[] = [];
  const deleted = new Set<string>();
  let done = 0;
  let failed = 0;
  let longest = 0;
  let keys = 0;
  let stopping = false;

  async function attempt(url: string, name: keyof typeof MUTATIONS, token: string, input: object): Promise<Answer | null> {
    const begun = performance.now();
    try {
      return await post(url, MUTATIONS[name], { token, variables: { input }, signal: AbortSignal.timeout(HANGS_MS) });
    } catch (error) {
      if (error instanceof DOMException) faults.push(`${name} hangs`);
      return null;
    } finally {
      longest = Math.max(longest, performance.now() - begun);
    }
  }

  // The answer's data; null where it was refused for good.
  async function insist(name: keyof typeof MUTATIONS, token: string, input: object): Promise<unknown> {
    for (let turn = random.below(urls.length); ; turn += 1) {
      const answer = await attempt(urls[turn % urls.length] ?? '', name, token, input);
      const code = answer?.errors?.[0]?.extensions.code;
      if (answer && code === undefined && answer.status === 200) {
        done += 1;
        return answer.data;
      }
      if (code !== undefined && code !== 'UNAVAILABLE') {
        const gone = name !== 'sendMessage' && (code === 'CONFLICT' || (forgetful && code === 'NOT_FOUND'));
        if (!gone) faults.push(`${name}: ${answer?.text}`);
        return null;
      }
      failed += 1;
      await pause(30);
    }
  }

  async function send({ id: authorId, token }: TestUser): Promise<void> {
    keys += 1;
    const roomId = random.pick(roomIds);
    const input = { roomId, body: `message ${keys}`, idempotencyKey: `key-${keys}` };
    const id = at(await insist('sendMessage', token, input), 'sendMessage.message.id');
    if (typeof id !== 'string') return;
    sent.push({ id, roomId, body: input.body, authorId });
    if (!random.chance(0.2)) return;
    const again = textAt(await insist('sendMessage', token, input), 'sendMessage.message.id');
    if (again !== id && !forgetful) faults.push(`the same key gave ${id}, then ${again}`);
  }

  async function change(writer: TestUser): Promise<void> {
    const { id, authorId } = random.pick(sent.slice(-50));
    if (deleted.has(id)) return;
    const own = authorId === writer.id;
    if (!own) await insist('addReaction', writer.token, { messageId: id, emoji: random.pick(EMOJIS) });
    else if (random.chance(0.75)) {
      keys += 1;
      const body = `edit ${keys}`;
      if (await insist('editMessage', writer.token, { messageId: id, body })) changed.push({ id, state: body });
    } else {
      deleted.add(id);
      if (await insist('deleteMessage', writer.token, { messageId: id })) changed.push({ id, state: 'deleted' });
    }
  }

  async function write(writer: TestUser): Promise<void> {
    while (!stopping) {
      if (sendsOnly || sent.length < 3 || random.chance(0.6)) await send(writer);
      else await change(writer);
      await pause(restMs);
    }
  }

  const working = Promise.all(writers.map(write));
  return {
    sent,
    changed,
    faults,
    get done() {
      return done;
    },
    get failed() {
      return failed;
    },
    get longest() {
      return longest;
    },
    async stop() {
      stopping = true;
      await working;
    },
  };
}
