import { setImmediate } from 'node:timers/promises';
import { CombinedError } from 'urql';
import { beforeEach, describe, expect, it } from 'vitest';
import { createOutbox, type Outbox, type Pending } from '../../../web/src/room/outbox.ts';
import { waitFor } from '../../support/wait-for.ts';

const offline = new CombinedError({ networkError: new TypeError('Failed to fetch') });
const coded = (code: string, more: object = {}) =>
  new CombinedError({ graphQLErrors: [{ message: `It is ${code}.`, extensions: { code, ...more } }] });

describe('the outbox', () => {
  /** What the server answers, one after the other; then it takes everything. */
  let answers: CombinedError[];
  let posted: Pending[];
  let waits: number[];
  let closed: AbortController;
  let outbox: Outbox;

  beforeEach(() => {
    answers = [];
    posted = [];
    waits = [];
    closed = new AbortController();
    outbox = createOutbox({
      post: async (message) => {
        posted.push(message);
        return answers.shift();
      },
      backOff: async (_tries, least) => {
        waits.push(least);
      },
      closed: closed.signal,
    });
  });

  const bodies = () => posted.map(({ body }) => body);
  const settled = (count: number) => waitFor(() => posted.length === count, { what: `${count} tries` });

  it('P4: tries again with the same key until the server answers', async () => {
    answers.push(offline, coded('UNAVAILABLE'), coded('RATE_LIMITED', { retryAfterMs: 700 }));
    outbox.send('r1', 'one');
    await settled(4);
    expect(new Set(posted.map(({ key }) => key)).size).toBe(1);
    expect(waits).toEqual([0, 0, 700]);
  });

  it('sends in the order written, also when the first takes several tries', async () => {
    answers.push(offline, offline);
    outbox.send('r1', 'one');
    outbox.send('r1', 'two');
    await settled(4);
    expect(bodies()).toEqual(['one', 'one', 'one', 'two']);
  });

  it('says why one was refused, goes on with the next, and sends it again when told', async () => {
    answers.push(coded('BAD_USER_INPUT'));
    outbox.send('r1', 'bad');
    outbox.send('r1', 'good');
    await settled(2);
    const [refused] = outbox.pending();
    expect(refused).toMatchObject({ body: 'bad', fault: 'That did not work: It is BAD_USER_INPUT.' });
    outbox.retry(refused?.key ?? '');
    await settled(3);
    expect(bodies()).toEqual(['bad', 'good', 'bad']);
    expect(outbox.pending()[0]?.fault).toBe(null);
  });

  it('keeps all that waits for the next session where this one has ended, in order and without a fault', async () => {
    answers.push(offline, coded('UNAUTHENTICATED'));
    for (const body of ['one', 'two']) outbox.send('r1', body);
    outbox.send('r2', 'three');
    await settled(2);
    await setImmediate();
    expect(bodies()).toEqual(['one', 'three']);
    expect(outbox.pending().map(({ body, fault }) => [body, fault])).toEqual([
      ['one', null],
      ['two', null],
      ['three', null],
    ]);
  });

  it('keeps a message until it has been seen in the room', async () => {
    let changes = 0;
    outbox.watch(() => {
      changes += 1;
    });
    outbox.send('r1', 'one');
    outbox.send('r2', 'two');
    await settled(2);
    const [one, two] = outbox.pending();
    outbox.drop(new Set([one?.key ?? '', 'another']));
    expect(outbox.pending()).toEqual([two]);
    const before = changes;
    outbox.drop(new Set(['another']));
    expect(changes).toBe(before);
  });

  it('knows what the server has taken, and forgets it once the room has been read anew', async () => {
    outbox.send('r1', 'one');
    outbox.send('r2', 'two');
    await waitFor(() => outbox.pending().every(({ taken }) => taken), { what: 'both taken' });
    outbox.dropTaken('r1');
    expect(outbox.pending().map(({ body }) => body)).toEqual(['two']);
  });

  it('P4: a later page sends what was left, in order and with the same keys; what was refused waits to be told', async () => {
    const kept = new Map<string, Pending>();
    const deps = {
      closed: closed.signal,
      backOff: async () => {},
      save: (entry: Pending) => void kept.set(entry.key, entry),
      forget: (key: string) => void kept.delete(key),
    };
    const never = new Promise<undefined>(() => {});
    const before = createOutbox({ ...deps, post: () => never });
    before.send('r1', 'one');
    before.send('r1', 'two', { id: 'm1', name: 'Bob', body: 'What?' });
    const left = [...kept.values(), { ...(before.pending()[0] as Pending), key: 'refused', body: 'bad', fault: 'Too bad.' }];
    createOutbox({ ...deps, left, post: async (message) => void posted.push(message) });
    await waitFor(() => kept.size === 0, { what: 'nothing kept any more' });
    expect(posted.map(({ key, body, replyTo }) => [key, body, replyTo?.id])).toEqual(
      left.slice(0, 2).map(({ key, body, replyTo }) => [key, body, replyTo?.id]),
    );
  });

  it('stops trying when the session is over', async () => {
    answers.push(offline);
    closed.abort();
    outbox.send('r1', 'too late');
    await setImmediate();
    expect(posted).toEqual([]);
  });
});
