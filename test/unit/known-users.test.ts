import { describe, expect, it } from 'vitest';
import type { User } from '../../src/domain/user.ts';
import { createKnownUsers } from '../../src/services/known-users.ts';

const user = (id: string): User => ({ id, username: id, displayName: id, avatarUrl: null, isBot: false, createdAt: 1 });

function storeOf(ids: string[]) {
  const asked: (readonly string[])[] = [];
  const get = (wanted: readonly string[]) => {
    asked.push(wanted);
    return Promise.resolve(wanted.map((id) => (ids.includes(id) ? user(id) : null)));
  };
  return { ids, asked, get };
}

describe('users a process knows', () => {
  it('are read once, those who are missing together, and given in the order asked', async () => {
    const store = storeOf(['ann', 'bob', 'eve']);
    const known = createKnownUsers(store);
    expect(await known.get(['bob'])).toEqual([user('bob')]);
    expect(await known.get(['eve', 'bob', 'ann', 'eve'])).toEqual([user('eve'), user('bob'), user('ann'), user('eve')]);
    expect(store.asked).toEqual([['bob'], ['eve', 'ann']]);
    expect(known.peek('ann')).toEqual(user('ann'));
  });

  it('who are not there are asked for again: they may be there the next moment', async () => {
    const store = storeOf([]);
    const known = createKnownUsers(store);
    expect(await known.get(['ann'])).toEqual([null]);
    store.ids.push('ann');
    expect(known.peek('ann')).toBeNull();
    expect(await known.get(['ann'])).toEqual([user('ann')]);
  });
});
