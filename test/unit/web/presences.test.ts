import { Client, fetchExchange } from 'urql';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPresences, type Presences } from '../../../web/src/rooms/presences.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('P10: who is there, as the page knows it', () => {
  /** What was asked and waits for its answer. */
  let asked: { readonly ids: readonly string[]; readonly answer: (online: boolean) => void }[];
  let presences: Presences;

  beforeEach(() => {
    asked = [];
    const answered = (ids: readonly string[], online: boolean) => {
      const presence = { __typename: 'Presence', status: online ? 'ONLINE' : 'OFFLINE' };
      return Response.json({ data: { nodes: ids.map((id) => ({ __typename: 'User', id, presence })) } });
    };
    const client = new Client({
      url: 'http://localhost/graphql',
      preferGetMethod: false,
      exchanges: [fetchExchange],
      fetch: (_input, init) => {
        const { ids } = JSON.parse(String(init?.body)).variables;
        return new Promise((resolve) => asked.push({ ids, answer: (online) => resolve(answered(ids, online)) }));
      },
    });
    presences = createPresences(client);
  });

  const questions = (count: number) => waitFor(() => asked.length === count, { what: `${count} questions` });

  it('asks once for all who are shown', async () => {
    for (const userId of ['ann', 'bob', 'ann']) presences.want(userId);
    await questions(1);
    expect(asked[0]?.ids).toEqual(['ann', 'bob']);
    expect(presences.of('bob')).toBeNull();
    asked[0]?.answer(true);
    await waitFor(() => presences.of('bob') === true, { what: 'the answer' });
  });

  it('takes what an event says, without asking', async () => {
    presences.want('bob');
    await questions(1);
    asked[0]?.answer(true);
    await waitFor(() => presences.of('bob') === true, { what: 'the answer' });
    let changes = 0;
    presences.watch(() => {
      changes += 1;
    });
    presences.told('bob', false);
    expect([presences.of('bob'), changes]).toEqual([false, 1]);
    presences.want('ann');
    await questions(2);
    expect(asked[1]?.ids).toEqual(['ann']);
  });

  it('does not let an answer undo what an event said after the question', async () => {
    for (const userId of ['ann', 'bob']) presences.want(userId);
    await questions(1);
    presences.told('bob', true);
    asked[0]?.answer(false);
    await waitFor(() => presences.of('ann') === false, { what: 'the answer' });
    expect(presences.of('bob')).toBe(true);
  });

  it('asks for all of them anew once anything may have been missed', async () => {
    presences.want('bob');
    await questions(1);
    presences.told('bob', true);
    asked[0]?.answer(true);
    presences.allStale();
    await questions(2);
    asked[1]?.answer(false);
    await waitFor(() => presences.of('bob') === false, { what: 'the new answer' });
  });

  it('remembers nobody who is not shown', () => {
    presences.told('eve', true);
    expect(presences.of('eve')).toBeNull();
  });
});
