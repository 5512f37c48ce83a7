import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseCursor } from '../../src/domain/position.ts';
import { post } from '../support/graphql-client.ts';
import { startLoad } from '../support/room-load.ts';
import type { Sighting } from '../support/room-log.ts';
import { createRoom, signUp, type TestUser } from '../support/server.ts';
import { followStream } from '../support/stream-log.ts';
import { type Follower, follow, type SocketFollower } from '../support/subscriber-log.ts';
import { cursorOf, printedRandom, startTwoNodes } from '../support/two-nodes.ts';
import { errorsOf, verdict } from '../support/verdict.ts';
import { waitFor } from '../support/wait-for.ts';

const REMOVE = 'mutation Remove($input: RemoveMemberInput!) { removeMember(input: $input) { room { id } } }';
const ADD = 'mutation Add($input: AddMemberInput!) { addMember(input: $input) { membership { role } } }';

/** Two nodes, a room with two who write at full rate, and victims who follow it on both nodes in every way there is. */
async function setUp(what: string) {
  const random = printedRandom(what);
  const { redis, nodes, urls } = await startTwoNodes();
  const [owner, writer, ...victims] = await Promise.all(['owner', 'writer', 'a', 'b'].map((name) => signUp(nodes[0], name)));
  if (!owner || !writer) throw new Error('nobody is there');
  const roomId = await createRoom(nodes[0], owner, [writer.id, ...victims.map(({ id }) => id)]);
  const watch = (user: TestUser): (Follower | SocketFollower)[] => {
    const on = (way: string, list: readonly string[]) => ({ name: `${user.username} ${way}`, urls: list, user, roomId });
    const [one, two] = urls;
    return [
      follow(on('shared', [one])),
      follow(on('shared', [two])),
      follow({ ...on('alone', [two]), alone: true }),
      followStream(on('stream', [one])),
    ];
  };
  const followers = [writer, ...victims].flatMap(watch);
  await waitFor(() => followers.every(({ log }) => log.live), { what: 'all followers', timeoutMs: 20_000 });
  const load = startLoad({ urls, writers: [owner, writer], roomIds: [roomId], random, restMs: 5 });
  const crowd = { owner, people: [owner, writer, ...victims], roomIds: [roomId], followers };
  return { random, redis, nodes, urls, owner, victims, roomId, followers, load, crowd };
}

describe('authority on the delivery path, at full rate on two nodes', { timeout: 90_000 }, () => {
  it('P7: a removed member gets nothing after the event that removed them, in whatever way and on whatever node they listen', async () => {
    const { random, redis, nodes, urls, owner, victims, roomId, followers, load, crowd } = await setUp('removal');
    for (let round = 0; round < 6; round += 1) {
      const user = random.pick(victims);
      const own = followers.filter(({ userId }) => userId === user.id);
      const change = (query: string) =>
        post(random.pick(urls), query, { token: owner.token, variables: { input: { roomId, userId: user.id } } });
      // Some are just coming back when it happens.
      for (const follower of own) if ('drop' in follower && random.chance(0.3)) follower.drop();
      expect((await change(REMOVE)).errors).toBeUndefined();
      await waitFor(() => own.every(({ log }) => log.ended), { what: `the end for ${user.username}` });
      // Some come back at once, others miss a while.
      await pause(random.below(60));
      expect((await change(ADD)).errors).toBeUndefined();
      const reached = parseCursor((await cursorOf(urls[0], user, roomId)) ?? '')?.number ?? 0;
      for (const follower of own) follower.rejoin(reached);
      await waitFor(() => own.every(({ log }) => log.live), { what: `${user.username} to be back` });
    }
    await waitFor(() => load.done > 100, { what: 'a hundred messages', timeoutMs: 20_000 });
    await load.stop();
    const since = performance.now();
    expect(await verdict({ servers: [redis], url: urls[0], crowd, load, since, withinMs: 10_000 })).toEqual([]);
    expect(followers.flatMap((follower) => toldAfterRemoval(follower))).toEqual([]);
    expect(errorsOf(nodes)).toEqual([]);
  });

  it('P7: an ended session is cut off within 2 s on both nodes and stays away; nothing comes after', async () => {
    const { redis, urls, victims, followers, load, crowd } = await setUp('revocation');
    for (const [index, user] of victims.entries()) {
      const own = followers.filter(({ userId }) => userId === user.id);
      const answer = await post(urls[index % 2] ?? '', 'mutation { signOut { signedOut } }', { token: user.token });
      const since = performance.now();
      expect(answer.errors).toBeUndefined();
      await waitFor(() => own.every(({ log }) => log.ended), { what: 'the end of every connection' });
      expect(performance.now() - since).toBeLessThan(2000);
      for (const follower of own) if ('codes' in follower) expect(follower.codes).toEqual([4401]);
    }
    const done = load.done;
    await waitFor(() => load.done > done + 50, { what: 'more messages' });
    await load.stop();
    const since = performance.now();
    expect(await verdict({ servers: [redis], url: urls[0], crowd, load, since, withinMs: 10_000 })).toEqual([]);
  });
});

/** What is not kept has no number, so it has to be looked for by place: between the removal and the end of the subscription. */
function toldAfterRemoval({ name, userId, log }: Follower): string[] {
  let reached = 0;
  let removed = false;
  return log.sightings.flatMap((sighting: Sighting) => {
    if (sighting.type === 'connect') {
      reached = sighting.reached;
      removed = false;
      return [];
    }
    const late =
      removed && sighting.type !== 'removed' ? [`${name} was told after the removal: ${JSON.stringify(sighting)}`] : [];
    const leaves = sighting.type === 'event' && sighting.name === 'MemberLeft' && sighting.userId === userId;
    if (leaves && sighting.position.number > reached) removed = true;
    return late;
  });
}
