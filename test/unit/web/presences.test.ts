import { Client, fetchExchange } from 'urql';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPresences, type Presences } from '../../../web/src/rooms/presences.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('P10: who is there, as the page knows it', () => {
  /** What was asked and waits for its answer. */
  let asked: { readonly ids: readonly string[]; readonly answer: (online: boolean) => void }[];
  let presences: Presences;
  const HERE = { status: 'ONLINE', lastSeenAt: null } as const;
  const GONE = { status: 'OFFLINE', lastSeenAt: '2026-11-21T20:55:03.120Z' } as const;
  const isOnline = (userId: string) => presences.of(userId)?.online ?? null;

  beforeEach(() => {
    asked = [];
    const answered = (ids: readonly string[], online: boolean) => {
      const presence = { __typename: 'Presence', ...(online ? HERE : GONE) };
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
    await waitFor(() => isOnline('bob') === true, { what: 'the answer' });
  });

  it('takes what an event says, without asking', async () => {
    presences.want('bob');
    await questions(1);
    asked[0]?.answer(true);
    await waitFor(() => isOnline('bob') === true, { what: 'the answer' });
    let changes = 0;
    presences.watch(() => {
      changes += 1;
    });
    presences.told('bob', GONE);
    expect([presences.of('bob'), changes]).toEqual([{ online: false, lastSeenAt: GONE.lastSeenAt }, 1]);
    presences.want('ann');
    await questions(2);
    expect(asked[1]?.ids).toEqual(['ann']);
  });

  it('does not let an answer undo what an event said after the question', async () => {
    for (const userId of ['ann', 'bob']) presences.want(userId);
    await questions(1);
    presences.told('bob', HERE);
    asked[0]?.answer(false);
    await waitFor(() => isOnline('ann') === false, { what: 'the answer' });
    expect(isOnline('bob')).toBe(true);
  });

  it('asks for all of them anew once anything may have been missed', async () => {
    presences.want('bob');
    await questions(1);
    presences.told('bob', HERE);
    asked[0]?.answer(true);
    presences.allStale();
    await questions(2);
    asked[1]?.answer(false);
    await waitFor(() => isOnline('bob') === false, { what: 'the new answer' });
  });

  it('remembers nobody who is not shown', () => {
    presences.told('eve', HERE);
    expect(presences.of('eve')).toBeNull();
  });
});
