import { describe, expect, it } from 'vitest';
import { at, post } from '../support/graphql-client.ts';
import { startLoad } from '../support/room-load.ts';
import { gather, printedRandom, startTwoNodes } from '../support/two-nodes.ts';
import { errorsOf, verdict } from '../support/verdict.ts';
import { waitFor } from '../support/wait-for.ts';

const SEND = 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';

describe('readers that do not read', { timeout: 90_000 }, () => {
  it('P5 P8: are closed with 4410, come back by themselves and miss nothing; their neighbours notice nothing', async () => {
    const random = printedRandom('slow readers');
    const { redis, nodes, urls } = await startTwoNodes({}, { PARLEY_QUEUE_BYTES: '524288' });
    const crowd = await gather(urls, { people: 4, rooms: 1, followers: 7, alone: false });
    const { owner, followers } = crowd;
    const [roomId = ''] = crowd.roomIds;
    const [slow, quick] = [followers.slice(0, 3), followers.slice(3)];
    const load = startLoad({ urls, writers: crowd.people, roomIds: [roomId], random, restMs: 10 });
    const closed = async () => {
      const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
      return texts.reduce((sum, text) => sum + Number(/^parley_slow_readers_total (\d+)/m.exec(text)?.[1]), 0);
    };
    const bulk = async (index: number) => {
      const input = { roomId, body: `${index} ${'☃'.repeat(3990)}` };
      const { data } = await post(random.pick(urls), SEND, { token: owner.token, variables: { input } });
      const id = at(data, 'sendMessage.message.id');
      load.sent.push({ id: String(id), roomId, body: input.body, authorId: '' });
    };

    await waitFor(() => load.done > 10, { what: 'a history' });
    for (const follower of slow) follower.pause();
    let sent = 0;
    // The network itself takes in a good deal before anything backs up.
    await waitFor(
      async () => {
        await Promise.all(Array.from({ length: 10 }, () => bulk(sent++)));
        return (await closed()) >= slow.length;
      },
      { what: 'all three to be closed', timeoutMs: 40_000 },
    );
    // Both read on: the slow ones find first what was on its way, then the close.
    for (const follower of slow) follower.resume();
    const done = load.done;
    await waitFor(() => load.done > done + 20, { what: 'more changes' });
    await load.stop();
    const since = performance.now();
    expect(await verdict({ servers: [redis], url: urls[0], crowd, load, since, withinMs: 10_000 })).toEqual([]);
    console.log(`${sent} messages of 12 kB until all were closed`);
    expect(slow.map(({ codes }) => codes)).toEqual(slow.map(() => [4410]));
    expect(quick.map(({ codes }) => codes)).toEqual(quick.map(() => []));
    expect(errorsOf(nodes)).toEqual([]);
  });
});
