import { describe, expect, it } from 'vitest';
import { parseCursor } from '../../src/domain/position.ts';
import { post, textAt } from '../support/graphql-client.ts';
import { startLoad } from '../support/room-load.ts';
import { cursorOf, gather, printedRandom, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts';
import { errorsOf, verdict } from '../support/verdict.ts';
import { waitFor } from '../support/wait-for.ts';

const SEND = 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
const EDIT = 'mutation Edit($input: EditMessageInput!) { editMessage(input: $input) { message { id } } }';
const DELETE = 'mutation Delete($input: DeleteMessageInput!) { deleteMessage(input: $input) { message { id } } }';
const TYPING = 'mutation Typing($input: SetTypingInput!) { setTyping(input: $input) { expiresAt } }';

// As everysec, but for the moments in which a running sync makes Redis hold writes back: a SIGKILL in one of them loses what was acknowledged.
const WRITES_AT_ONCE = { settings: { appendfsync: 'no' } };

const isReady = async ({ urls }: TwoNodes, status: number) =>
  (await Promise.all(urls.map(async (url) => (await fetch(`${url}/readyz`)).status))).every((each) => each === status);

describe('Redis away under load', { timeout: 90_000 }, () => {
  it('P3 P5: killed and started again, soon and late: nothing acknowledged is lost, nobody misses anything, nothing hangs', async () => {
    const random = printedRandom('redis away');
    const site = await startTwoNodes(WRITES_AT_ONCE);
    const { redis, nodes, urls } = site;
    const crowd = await gather(urls, { people: 5, rooms: 2, followers: 8 });
    const { owner, roomIds, followers } = crowd;
    const load = startLoad({ urls, writers: crowd.people, roomIds, random, restMs: 10 });
    const more = async (changes: number) => {
      const done = load.done;
      await waitFor(() => load.done > done + changes, { what: `${changes} more changes`, timeoutMs: 15_000 });
    };
    await more(40);
    await redis.restart();
    await more(40);

    await redis.kill();
    for (const follower of followers) if (random.chance(0.5)) follower.drop();
    const away = performance.now();
    await waitFor(() => isReady(site, 503), { what: 'both to say that they are not ready' });
    for (const url of urls) {
      const begun = performance.now();
      const input = { roomId: roomIds[0], body: 'x', idempotencyKey: 'while-away' };
      const answer = await post(url, SEND, { token: owner.token, variables: { input } });
      expect(answer.errors?.[0]?.extensions.code).toBe('UNAVAILABLE');
      expect(performance.now() - begun).toBeLessThan(2500);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    }
    console.log(`away for ${Math.round(performance.now() - away)} ms`);
    await redis.restart();
    const back = performance.now();
    await waitFor(() => isReady(site, 200), { what: 'both to be ready again' });
    expect(performance.now() - back).toBeLessThan(4000);
    await more(40);
    await load.stop();
    const since = performance.now();
    expect(await verdict({ servers: [redis], url: urls[1], crowd, load, since, withinMs: 5000 })).toEqual([]);
    expect(load.longest).toBeLessThan(4500);
    expect(load.failed).toBeGreaterThan(0);
    expect(followers.flatMap(({ log }) => log.sightings.filter(({ type }) => type === 'reset'))).toEqual([]);
    expect(errorsOf(nodes)).toEqual([]);
  });

  it('P1 P5 F20: out of memory, writes are refused, reading and live go on, nothing is told that is not stored; it recovers', async () => {
    const random = printedRandom('out of memory');
    const { redis, nodes, urls } = await startTwoNodes({ settings: { 'maxmemory-policy': 'noeviction' } });
    const crowd = await gather(urls, { people: 4, rooms: 1, followers: 6 });
    const { owner, followers } = crowd;
    const [roomId = ''] = crowd.roomIds;
    const load = startLoad({ urls, writers: crowd.people, roomIds: [roomId], random, restMs: 10 });
    await waitFor(() => load.done > 40, { what: 'a history' });
    const as = (query: string, input: object) => post(urls[0], query, { token: owner.token, variables: { input } });
    const own = textAt((await as(SEND, { roomId, body: 'own' })).data, 'sendMessage.message.id');
    load.sent.push({ id: own, roomId, body: 'own', authorId: '' });

    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    const failed = load.failed;
    await waitFor(() => load.failed > failed + 10, { what: 'refusals' });
    for (const [query, input] of [
      [SEND, { roomId, body: 'x' }],
      [EDIT, { messageId: own, body: 'x' }],
    ] as const)
      expect((await as(query, input)).errors?.[0]?.extensions.code).toBe('UNAVAILABLE');
    expect(await cursorOf(urls[1], owner, roomId)).not.toBeNull();
    const typing = () =>
      followers.map(({ log }) => log.sightings.filter((each) => each.type === 'signal' && each.name === 'TypingStarted').length);
    expect((await as(TYPING, { roomId })).errors).toBeUndefined();
    await waitFor(() => typing().every((count) => count > 0), { what: 'the typing' });
    expect((await as(DELETE, { messageId: own })).errors).toBeUndefined();
    const head = parseCursor((await cursorOf(urls[1], owner, roomId)) ?? '');
    await waitFor(() => followers.every(({ log }) => (log.cursor?.number ?? 0) >= (head?.number ?? 0)), { what: 'the deletion' });
    // One who comes now is served too.
    followers[0]?.drop();
    await waitFor(() => followers[0]?.log.live === false, { what: 'one to be gone' });
    await waitFor(() => followers.every(({ log }) => log.live), { what: 'one to be back' });

    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    const done = load.done;
    await waitFor(() => load.done > done + 40, { what: 'changes again' });
    await load.stop();
    const since = performance.now();
    expect(await verdict({ servers: [redis], url: urls[1], crowd, load, since, withinMs: 5000 })).toEqual([]);
    expect(errorsOf(nodes)).toEqual([]);
  });

  it('P5 F28: poison on a channel neither ends a process nor sticks, and nobody is shown any of it', async () => {
    const random = printedRandom('poison');
    const { redis, nodes, urls } = await startTwoNodes();
    const crowd = await gather(urls, { people: 3, rooms: 1, followers: 6 });
    const [roomId = ''] = crowd.roomIds;
    const write = () => startLoad({ urls, writers: crowd.people, roomIds: [roomId], random, restMs: 10 });
    const poison = async () => {
      const cursor = (await cursorOf(urls[0], crowd.owner, roomId)) ?? '';
      for (const text of poisons(cursor, crowd.owner.id)) {
        await redis.command('PUBLISH', `chat:{room:${roomId}}`, text);
        await redis.command('PUBLISH', `chat:{user:${crowd.owner.id}}`, text);
      }
    };
    const load = write();
    for (let round = 0; round < 3; round += 1) {
      const done = load.done;
      await waitFor(() => load.done > done + 5, { what: 'changes' });
      await poison();
    }
    await load.stop();
    // Now the numbers are exactly those that would fit on.
    await poison();
    const more = write();
    await waitFor(() => more.done > 10, { what: 'changes after the poison' });
    await more.stop();
    load.sent.push(...more.sent);
    const since = performance.now();
    expect(await verdict({ servers: [redis], url: urls[0], crowd, load, since, withinMs: 5000 })).toEqual([]);
    const all = crowd.followers.flatMap(({ log }) => log.sightings);
    expect(all.filter((each) => each.type === 'reset' || (each.type === 'event' && each.state === 'poison'))).toEqual([]);
    expect([...more.faults, ...errorsOf(nodes)]).toEqual([]);
  });
});

/** What must not be on a channel: no JSON, another shape, unknown types, numbers that are wrong, lines of events that never were. */
function poisons(cursor: string, userId: string): string[] {
  const { epoch, number } = parseCursor(cursor) ?? { epoch: '', number: 0 };
  const entry = (n: unknown) => [n, 0, userId, 1, 1, 'poison'];
  const event = (e: unknown, n: unknown, m: unknown) => JSON.stringify({ e, n, m });
  return [
    '',
    'poison',
    '{"e":',
    'null',
    '[]',
    '{}',
    '0',
    '"x"',
    '\u0000\uffff',
    '{"t":"poison"}',
    '{"t":"typing"}',
    '{"t":"session"}',
    '{"__proto__":{"t":"typing"}}',
    '['.repeat(5000),
    event(epoch, number + 1, null),
    event(epoch, number + 1, entry('x')),
    event(epoch, number + 1, entry(number)),
    event(epoch, number + 1, entry(number + 2)),
    event(epoch, 'x', entry(number + 1)),
    event(epoch, -1, entry(-1)),
    event(epoch, 1.5, entry(1.5)),
    event(epoch, 1e300, entry(1e300)),
    event(epoch, number, entry(number)),
    event(epoch, 1, entry(1)),
    event(epoch, number + 1000, entry(number + 1000)),
    event('ffffffffffff', number + 1, entry(number + 1)),
    event('ffffffffffff', 1, entry(1)),
    event(17, number + 1, entry(number + 1)),
  ];
}
