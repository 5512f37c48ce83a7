import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, post, textAt } from '../support/graphql-client.ts';
import { createRoom, signUp } from '../support/server.ts';
import { printedRandom, startTwoNodes, timelineOf } from '../support/two-nodes.ts';

const SEND = 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { id body } } }';

interface Input {
  readonly roomId: string;
  readonly body: string;
  readonly idempotencyKey: string;
}

async function setUp() {
  const { wires, urls, nodes } = await startTwoNodes();
  const ann = await signUp(nodes[0], 'ann');
  const roomId = await createRoom(nodes[0], ann);
  const send = (url: string, input: Input) => post(url, SEND, { token: ann.token, variables: { input } });
  const texts = async () => (await timelineOf(urls[1], ann, roomId)).filter(({ kind }) => kind === 'TEXT');
  return { wires, urls, ann, roomId, send, texts };
}

const idOf = ({ data, errors }: Answer): string => {
  expect(errors).toBeUndefined();
  return textAt(data, 'sendMessage.message.id');
};

describe('idempotency keys over two nodes', { timeout: 60_000 }, () => {
  let random: ReturnType<typeof printedRandom>;
  beforeAll(() => {
    random = printedRandom('keys');
  });

  it('P3 P4: a message whose answer was cut off on the way back is stored once; its retry on either node gives the same one', async () => {
    const { wires, urls, roomId, send, texts } = await setUp();
    // Redis has to know the script: else the answer that is cut would only say that it does not.
    const ids = [idOf(await send(urls[0], { roomId, body: 'first', idempotencyKey: 'first' }))];
    for (let round = 0; round < 12; round += 1) {
      const input = { roomId, body: `round ${round}.`, idempotencyKey: `key-${round}` };
      wires[0].cutAnswerTo(input.body);
      expect((await send(urls[0], input)).errors?.[0]?.extensions.code).toBe('UNAVAILABLE');
      const stored = (await texts()).at(-1);
      expect(stored?.body).toBe(input.body);
      wires[0].mend();
      for (let retry = 0; retry < 3; retry += 1) expect(idOf(await send(random.pick(urls), input))).toBe(stored?.id);
      ids.push(stored?.id ?? '');
    }
    expect((await texts()).map(({ id }) => id)).toEqual(ids);
  });

  it('P4: the same key fifty times at once over two nodes is one message', async () => {
    const { urls, roomId, send, texts } = await setUp();
    for (let round = 0; round < 3; round += 1) {
      const input = { roomId, body: `round ${round}`, idempotencyKey: `key-${round}` };
      const answers = await Promise.all(Array.from({ length: 50 }, () => send(random.pick(urls), input)));
      expect(new Set(answers.map(idOf)).size).toBe(1);
    }
    expect((await texts()).map(({ body }) => body)).toEqual(['round 0', 'round 1', 'round 2']);
  });

  it('P4: the same key with another payload is a CONFLICT on either node, and stores nothing', async () => {
    const { urls, roomId, send, texts } = await setUp();
    const input = { roomId, body: 'first', idempotencyKey: 'key' };
    const bodies = ['first', 'second', 'first', 'third', 'first', 'second'];
    const first = idOf(await send(urls[0], input));
    const answers = await Promise.all(bodies.map((body, index) => send(urls[index % 2] ?? urls[0], { ...input, body })));
    const outcomes = answers.map(({ data, errors }) => errors?.[0]?.extensions.code ?? textAt(data, 'sendMessage.message.id'));
    expect(outcomes).toEqual(bodies.map((body) => (body === 'first' ? first : 'CONFLICT')));
    expect((await texts()).map(({ body }) => body)).toEqual(['first']);
  });
});
