import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newUserId } from '../../src/domain/ids.ts';
import { onEveryStore } from '../support/stores.ts';
import { atOnce, hostileLine, JS_NAMES, newAccount, outcomes, randomName } from './fixtures.ts';

onEveryStore('accounts', (site) => {
  it('returns what was stored, with the time and without the password hash', async () => {
    const { passwordHash, ...account } = newAccount({ avatarUrl: 'https://example.org/a.png', isBot: true });
    const user = await site.store.accounts.create({ ...account, passwordHash });
    expect(user).toEqual({ ...account, createdAt: user.createdAt });
    expect(Math.abs(user.createdAt - Date.now())).toBeLessThan(60_000);
    expect(await site.other.accounts.get([account.id])).toEqual([user]);
    expect(await site.other.accounts.byUsername([account.username])).toEqual([{ ...user, passwordHash }]);
  });

  it('answers in the order asked, null for whom there is not', async () => {
    const [a, b] = await Promise.all([site.store.accounts.create(newAccount()), site.store.accounts.create(newAccount())]);
    expect(await site.store.accounts.get([b.id, newUserId(), a.id, b.id])).toEqual([b, null, a, b]);
    expect(await site.store.accounts.get([])).toEqual([]);
    const found = await site.store.accounts.byUsername([b.username, randomName(), a.username]);
    expect(found.map((each) => each?.id ?? null)).toEqual([b.id, null, a.id]);
    expect(await site.store.accounts.byUsername([])).toEqual([]);
    expect(await site.other.accounts.idsOf([b.username.toUpperCase(), randomName(), a.username])).toEqual([b.id, null, a.id]);
    expect(await site.store.accounts.idsOf([])).toEqual([]);
  });

  it('keeps the username as chosen and finds it in whatever case', async () => {
    const username = `Some.${randomName()}-X`;
    const user = await site.store.accounts.create(newAccount({ username }));
    expect(user.username).toBe(username);
    const found = await site.store.accounts.byUsername([username.toUpperCase(), username.toLowerCase()]);
    expect(found.map((each) => each?.username)).toEqual([username, username]);
  });

  it('gives a username to exactly one of 100 who claim it at once, and leaves nothing of the others', async () => {
    const name = randomName();
    const accounts = Array.from({ length: 100 }, (_, index) => newAccount({ username: index % 2 ? name : name.toUpperCase() }));
    const { done, failed } = await outcomes(
      atOnce(site, 100, (store, index) => store.accounts.create(accounts[index] ?? newAccount())),
    );
    expect(done).toHaveLength(1);
    expect(failed).toHaveLength(99);
    for (const error of failed) expect(error).toMatchObject({ name: 'DomainError', code: 'CONFLICT', field: 'input.username' });
    const found = await site.store.accounts.get(accounts.map(({ id }) => id));
    expect(found.filter((each) => each !== null)).toEqual(done);
    expect(await site.store.accounts.byUsername([name])).toMatchObject([{ id: done[0]?.id }]);
  });

  it('gives the account as first stored to the same call again', async () => {
    const account = newAccount();
    const first = await site.store.accounts.create(account);
    expect(await site.other.accounts.create(account)).toEqual(first);
  });

  it('replaces a password hash, and makes no account where there is none', async () => {
    const account = newAccount();
    await site.store.accounts.create(account);
    await site.store.accounts.setPasswordHash(account.id, 'another');
    expect(await site.other.accounts.byUsername([account.username])).toMatchObject([{ passwordHash: 'another' }]);
    const nobody = newUserId();
    await site.store.accounts.setPasswordHash(nobody, 'another');
    expect(await site.store.accounts.get([nobody])).toEqual([null]);
  });

  it('knows nobody by the names that objects have of themselves', async () => {
    const ids = [...JS_NAMES, '', '*', '{}', 'a:b', '\n'];
    expect(await site.store.accounts.get(ids)).toEqual(ids.map(() => null));
    expect(await site.store.accounts.byUsername(ids)).toEqual(ids.map(() => null));
    for (const username of JS_NAMES) {
      const { id } = await site.store.accounts.create(newAccount({ username, displayName: username }));
      expect(await site.store.accounts.byUsername([username])).toMatchObject([{ id, username, displayName: username }]);
    }
  });

  it('returns every name byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(hostileLine, fc.option(fc.webUrl()), async (displayName, avatarUrl) => {
        const { id } = await site.store.accounts.create(newAccount({ displayName, avatarUrl }));
        expect(await site.store.accounts.get([id])).toMatchObject([{ displayName, avatarUrl }]);
      }),
      { numRuns: 60 },
    );
  });
});
