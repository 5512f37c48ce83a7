import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { at, post } from '../support/graphql-client.ts';
import { startLoad } from '../support/room-load.ts';
import { createRoom, signUp, type TestUser } from '../support/server.ts';
import { followStream } from '../support/stream-log.ts';
import { follow } from '../support/subscriber-log.ts';
import { gather, printedRandom, startTwoNodes } from '../support/two-nodes.ts';
import { waitFor } from '../support/wait-for.ts';

// The real times, twenty times as fast.
const FASTER = 20;
const { leaseMs, renewMs, graceMs, sweepMs } = readConfig({}).presence;

// What stays of a user's leases is when they were last seen.
const LEASES = `local count = redis.call('ZCARD', '{presence}:expiry')
for _, key in ipairs(redis.call('KEYS', '*:leases')) do
  for _, field in ipairs(redis.call('HKEYS', key)) do if field ~= 'seen' then count = count + 1 end end
end
return count`;

async function isOnline(url: string, { token }: TestUser, username: string): Promise<boolean> {
  const query = 'query Who($username: String!) { user(username: $username) { presence { status } } }';
  const { data } = await post(url, query, { token, variables: { username } });
  return at(data, 'user.presence.status') === 'ONLINE';
}

describe('what is left behind', { timeout: 60_000 }, () => {
  it('P10: users of a node that is gone without a word are offline for the others within 45 s', async () => {
    // A lease that was just renewed, the sweep after it, and as much again for whatever is slow.
    expect(leaseMs + 2 * sweepMs).toBeLessThan(45_000);
    const presence = {
      leaseMs: leaseMs / FASTER,
      renewMs: renewMs / FASTER,
      graceMs: graceMs / FASTER,
      sweepMs: sweepMs / FASTER,
    };
    const { nodes, wires, urls } = await startTwoNodes({}, {}, (config) => ({ ...config, presence }));
    const [ann, ben] = [await signUp(nodes[0], 'ann'), await signUp(nodes[0], 'ben')];
    const roomId = await createRoom(nodes[0], ann, [ben.id]);
    const here = follow({ name: 'ann', urls: [urls[0]], user: ann, roomId });
    const there = follow({ name: 'ben', urls: [urls[1]], user: ben, roomId });
    await waitFor(() => here.log.live && there.log.live, { what: 'both' });
    await waitFor(() => isOnline(urls[0], ann, ben.username), { what: 'ben online' });
    const told = () => here.log.sightings.filter((each) => each.type === 'signal' && each.name === 'PresenceChanged').length;
    // The word of their coming follows the lease.
    let before = told();
    let quiet = performance.now();
    await waitFor(
      () => {
        if (told() !== before) quiet = performance.now();
        before = told();
        return performance.now() - quiet > leaseMs / FASTER / 2;
      },
      { what: 'the words of their coming' },
    );
    // Leases are renewed: after two of them nobody has gone.
    const begun = performance.now();
    await waitFor(
      async () => {
        expect(await isOnline(urls[0], ann, ben.username)).toBe(true);
        return performance.now() - begun > (2 * leaseMs) / FASTER;
      },
      { what: 'two leases', timeoutMs: 10_000 },
    );
    expect(told()).toBe(before);

    wires[1].refuse();
    const gone = performance.now();
    await waitFor(() => told() > before, { what: 'the word that ben has gone' });
    expect(performance.now() - gone).toBeLessThan(45_000 / FASTER);
    expect(await isOnline(urls[0], ann, ben.username)).toBe(false);
    expect(await isOnline(urls[0], ann, ann.username)).toBe(true);
    wires[1].mend();
    await waitFor(() => isOnline(urls[0], ann, ben.username), { what: 'ben to be back' });
  });

  it('P12: ten seconds after the last client left there is no channel, no subscription, no connection and no lease', async () => {
    const random = printedRandom('left behind');
    const { redis, nodes, wires, urls } = await startTwoNodes();
    const crowd = await gather(urls, { people: 4, rooms: 3, followers: 6 });
    const streams = crowd.people.map((user) => followStream({ name: 'stream', urls, user, roomId: crowd.roomIds[0] ?? '' }));
    await waitFor(() => streams.every(({ log }) => log.live), { what: 'the streams' });
    const load = startLoad({ urls, writers: crowd.people, roomIds: crowd.roomIds, random, restMs: 10 });
    const held = async () => {
      const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
      const gauge = (name: string) =>
        texts.reduce((sum, text) => sum + Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]), 0);
      const list = async (...words: string[]) => Number((await redis.command(...words)).slice(1));
      return {
        connections: gauge('parley_connections'),
        subscriptions: gauge('parley_subscriptions'),
        queued: gauge('parley_queue_bytes'),
        channels: await list('PUBSUB', 'CHANNELS'),
        leases: await list('EVAL', LEASES, '0'),
      };
    };
    await waitFor(() => load.done > 30, { what: 'some traffic' });
    // Also what had to be recovered, or was abandoned while it was being opened.
    for (const wire of wires) wire.cut();
    await waitFor(() => load.done > 60, { what: 'more traffic' });
    for (const follower of crowd.followers) if (random.chance(0.5)) follower.drop();
    await load.stop();
    const busy = await held();
    expect(Object.values(busy).filter((count) => count === 0).length).toBeLessThanOrEqual(1);

    for (const follower of [...crowd.followers, ...streams]) await follower.stop();
    const left = performance.now();
    const nothing = { connections: 0, subscriptions: 0, queued: 0, channels: 0, leases: 0 };
    await waitFor(async () => Object.values(await held()).every((count) => count === 0), {
      what: 'everything to go',
      timeoutMs: 10_000,
    }).catch(async () => expect(await held()).toEqual(nothing));
    console.log(`all gone after ${Math.round(performance.now() - left)} ms`);
    expect(nodes.flatMap(({ app }) => app.store.feed.channels)).toEqual([0, 0]);
  });
});
