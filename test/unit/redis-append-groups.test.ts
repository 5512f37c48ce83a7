import { describe, expect, it } from 'vitest';
import { type Appending, createAppendGroups } from '../../src/store/redis/append-groups.ts';
import { TOGETHER } from '../../src/store/redis/gather.ts';

const message = (given: Partial<Appending> = {}): Appending => ({
  roomId: 'r1',
  authorId: 'u1',
  body: 'hi',
  mentions: [],
  replyTo: null,
  idempotency: null,
  keep: 0,
  ...given,
});

/** Groups whose calls are answered here; the turn ends when told to. */
function groupsOf(answer: (sizes: number) => Promise<unknown>) {
  const sizes: number[] = [];
  let ends: (() => void)[] = [];
  const groups = createAppendGroups({
    run({ size, args }) {
      sizes.push(size);
      expect(args.filter((value) => value === 'u1')).toHaveLength(size);
      return answer(size);
    },
    atTurnEnd: (call) => void ends.push(call),
  });
  return {
    groups,
    sizes,
    endTurn() {
      const all = ends;
      ends = [];
      for (const end of all) end();
    },
  };
}

const numbered = async (size: number) => Array.from({ length: size }, (_, index) => `OK ${index + 1} 5 1`);

describe('messages of one turn', () => {
  it('to one room are one call at the end of the turn, each with its own answer', async () => {
    const { groups, sizes, endTurn } = groupsOf(numbered);
    const sent = ['a', 'b', 'c'].map((body) => groups.append(message({ body })));
    expect(sizes).toEqual([]);
    endTurn();
    expect(sizes).toEqual([3]);
    const answers = await Promise.all(sent);
    expect(answers.map((answer) => [answer.message.body, answer.message.number])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
  });

  it('leave at once when there are as many as go in one write, whatever rooms they are for', () => {
    const { groups, sizes, endTurn } = groupsOf(numbered);
    for (let index = 0; index < TOGETHER; index += 1) void groups.append(message({ roomId: `r${index % 2}` }));
    expect(sizes).toEqual([TOGETHER / 2, TOGETHER / 2]);
    void groups.append(message());
    endTurn();
    expect(sizes).toEqual([TOGETHER / 2, TOGETHER / 2, 1]);
  });

  it('share a call only on the same terms, and go before whatever else is done to the room', () => {
    const { groups, sizes, endTurn } = groupsOf(numbered);
    const rate = { burst: 5, perSecond: 5 };
    void groups.append(message());
    void groups.append(message({ keep: 7 }));
    void groups.append(message({ keep: 7 }), { key: 'send:u1', rate });
    void groups.append(message({ keep: 7 }), { key: 'send:u1', rate });
    expect(sizes).toEqual([1, 1]);
    groups.flush('{room:r2}');
    expect(sizes).toEqual([1, 1]);
    groups.flush('{room:r1}');
    expect(sizes).toEqual([1, 1, 2]);
    endTurn();
    expect(sizes).toEqual([1, 1, 2]);
  });

  it.each([
    ['the call fails', () => Promise.reject(new Error('away'))],
    ['the answer cannot be read', async () => ['nonsense', '']],
    ['answers are missing', async () => []],
    ['there is no answer', async () => null],
  ])('are all refused where %s', async (_, answer) => {
    const { groups, endTurn } = groupsOf(answer);
    const sent = [groups.append(message()), groups.append(message())];
    endTurn();
    const outcomes = await Promise.allSettled(sent);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
