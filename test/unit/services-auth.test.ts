import { hash } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { newUserId } from '../../src/domain/ids.ts';
import { defaultRoomId } from '../../src/services/default-room.ts';
import { createHasher } from '../../src/services/index.ts';
import { openServices, outcome, quickHasher, unique } from '../support/services.ts';
import { onEveryStore } from '../support/stores.ts';

const PASSWORD = 'correct horse';
const from = (address = unique('')) => ({ address, viewer: null });

onEveryStore('accounts and sessions', (site) => {
  describe('signing up', () => {
    it('makes an account that signs in, in whatever case of its name', async () => {
      const { services } = openServices(site.store);
      const username = unique('Ann.');
      const made = await services.auth.signUp(from(), { username, password: PASSWORD });
      expect(made.user).toMatchObject({ username, displayName: username, avatarUrl: null, isBot: false });
      const again = await services.auth.signIn(from(), { username: username.toUpperCase(), password: PASSWORD });
      expect(again.user).toEqual(made.user);
      expect(again.token).not.toBe(made.token);
      expect(JSON.stringify(again)).not.toContain('quick:');
    });

    it.each([
      ['input.username', { username: 'a', password: PASSWORD }],
      ['input.username', { username: 'a b', password: PASSWORD }],
      ['input.username', { username: '__proto__\u0000', password: PASSWORD }],
      ['input.username', { username: 'x'.repeat(33), password: PASSWORD }],
      ['input.password', { username: 'fine.name', password: '1234567' }],
      ['input.password', { username: 'fine.name', password: 'x'.repeat(129) }],
      ['input.password', { username: 'fine.name', password: `\ud800${PASSWORD}` }],
      ['input.displayName', { username: 'fine.name', password: PASSWORD, displayName: ' ' }],
      ['input.displayName', { username: 'fine.name', password: PASSWORD, displayName: 'a\nb' }],
      ['input.displayName', { username: 'fine.name', password: PASSWORD, displayName: 'x'.repeat(81) }],
    ])('names %s where it cannot be used', async (field, input) => {
      const { services } = openServices(site.store);
      expect(await outcome(services.auth.signUp(from(), input))).toBe(`BAD_USER_INPUT ${field}`);
    });

    it('gives a name to one of many who want it at once', async () => {
      const { services } = openServices(site.store);
      const username = unique('race');
      const tries = Array.from({ length: 100 }, (_, n) =>
        outcome(services.auth.signUp(from(), { username: n % 2 ? username : username.toUpperCase(), password: PASSWORD })),
      );
      const outcomes = await Promise.all(tries);
      expect(outcomes.filter((each) => each === 'ok')).toHaveLength(1);
      expect(new Set(outcomes)).toEqual(new Set(['ok', 'CONFLICT input.username']));
      const { services: reader, signUp } = openServices(site.store);
      const { viewer } = await signUp();
      expect((await reader.users.list(viewer, reader.loaders(), { search: username })).edges).toHaveLength(1);
    });

    it('lets everyone into the default room, the first as its owner, and makes that room where it is missing', async () => {
      const defaultRoom = unique('Lobby ');
      const { services, signUp } = openServices(site.store, { settings: { defaultRoom } });
      const [first, second] = [await signUp(), await signUp()];
      const roles = await site.store.memberships.standing(defaultRoomId(defaultRoom), [first.user.id, second.user.id]);
      expect(roles).toMatchObject({ kind: 'PUBLIC', roles: ['OWNER', 'MEMBER'] });
      const loaders = services.loaders();
      const { edges } = await services.reading.memberships(second.viewer, loaders, {});
      expect(edges.map(({ node }) => node.roomId)).toEqual([defaultRoomId(defaultRoom)]);
      const listed = await services.rooms.list(second.viewer, loaders, { search: defaultRoom });
      expect(listed.edges.map(({ node }) => node.name)).toEqual([defaultRoom]);
    });

    it('many at once all get in', async () => {
      const defaultRoom = unique('Rush ');
      const { services, signUp } = openServices(site.store, { settings: { defaultRoom } });
      await services.prepare();
      const people = await Promise.all(Array.from({ length: 100 }, () => signUp()));
      const standing = await site.store.memberships.standing(
        defaultRoomId(defaultRoom),
        people.map(({ user }) => user.id),
      );
      expect(standing?.roles.filter((role) => role === 'OWNER')).toHaveLength(1);
      expect(standing?.roles.filter((role) => role === 'MEMBER')).toHaveLength(99);
    });

    it('counts by address before anything is hashed', async () => {
      const hasher = quickHasher();
      const { services } = openServices(site.store, { hasher, rates: { signUpAddress: { perSecond: 0.001, burst: 3 } } });
      const caller = from();
      const tries = await Promise.all(
        Array.from({ length: 20 }, () => outcome(services.auth.signUp(caller, { username: unique('many'), password: PASSWORD }))),
      );
      expect(tries.filter((each) => each === 'ok')).toHaveLength(3);
      expect(tries.filter((each) => each === 'RATE_LIMITED')).toHaveLength(17);
      expect(hasher.runs()).toBe(3);
    });
  });

  describe('signing in', () => {
    it('S18: says the same whatever is wrong, after the same number of hashes', async () => {
      const hasher = quickHasher();
      const { services, signUp } = openServices(site.store, { hasher });
      const { user } = await signUp();
      const told = async (username: string, password: string) => {
        const before = hasher.runs();
        const error = await services.auth.signIn(from(), { username, password }).catch((caught: unknown) => caught);
        const { message, code, field, retryAfterMs } = error as Record<string, unknown>;
        return { message, code, field, retryAfterMs, hashes: hasher.runs() - before };
      };
      const expected = {
        message: 'Wrong username or password.',
        code: 'UNAUTHENTICATED',
        field: undefined,
        retryAfterMs: undefined,
      };
      expect(await told(user.username, 'wrong horse')).toEqual({ ...expected, hashes: 1 });
      expect(await told(unique('nobody'), 'wrong horse')).toEqual({ ...expected, hashes: 1 });
      // What no account can have is answered at once: it says nothing of which accounts there are.
      expect(await told('no such name!', 'wrong horse')).toEqual({ ...expected, hashes: 0 });
      expect(await told(user.username, 'short')).toEqual({ ...expected, hashes: 0 });
      expect(await told(unique('nobody'), 'short')).toEqual({ ...expected, hashes: 0 });
    });

    it('never makes an account', async () => {
      const { services } = openServices(site.store);
      const username = unique('ghost');
      expect(await outcome(services.auth.signIn(from(), { username, password: PASSWORD }))).toBe('UNAUTHENTICATED');
      expect(await site.store.accounts.byUsername([username])).toEqual([null]);
    });

    it('S11: a thousand calls run a few hashes: calls are counted, not requests', async () => {
      const hasher = quickHasher();
      const { signInAccount, signInAddress } = readConfig({}).rates;
      const { services, signUp } = openServices(site.store, { hasher, rates: { signInAccount, signInAddress } });
      const { user } = await signUp();
      const before = hasher.runs();
      const caller = from();
      const tries = await Promise.all(
        Array.from({ length: 1000 }, () =>
          services.auth.signIn(caller, { username: user.username, password: 'wrong horse' }).catch((e: unknown) => e),
        ),
      );
      expect(hasher.runs() - before).toBeLessThanOrEqual(5);
      const limited = tries.filter((error) => error instanceof Error && 'code' in error && error.code === 'RATE_LIMITED');
      expect(limited.length).toBeGreaterThanOrEqual(995);
      for (const error of limited) expect(error).toMatchObject({ retryAfterMs: expect.any(Number) });
    });

    it('S19: ten thousand guesses from many addresses run few hashes, and the owner still signs in where they are signed in', async () => {
      const hasher = quickHasher();
      const rates = { signInAccount: { perSecond: 0.1, burst: 5 }, signInAddress: { perSecond: 1, burst: 50 } };
      const { services, signUp } = openServices(site.store, { hasher, rates });
      const { user, viewer, token } = await signUp();
      const before = hasher.runs();
      for (let round = 0; round < 10; round += 1) {
        const guess = (n: number) =>
          outcome(
            services.auth.signIn(from(`198.51.100.${n % 250}`), {
              username: user.username.toUpperCase(),
              password: 'wrong horse',
            }),
          );
        await Promise.all(Array.from({ length: 1000 }, (_, n) => guess(n)));
      }
      expect(hasher.runs() - before).toBeLessThanOrEqual(50);
      expect(await services.auth.authenticate(token)).not.toBeNull();
      const known = { address: unique(''), viewer };
      expect(await outcome(services.auth.signIn(known, { username: user.username, password: PASSWORD }))).toBe('ok');
    });

    it('one address that guesses at many accounts is stopped too', async () => {
      const hasher = quickHasher();
      const { services } = openServices(site.store, { hasher, rates: { signInAddress: { perSecond: 0.001, burst: 4 } } });
      const caller = from();
      const tries = Array.from({ length: 50 }, () =>
        outcome(services.auth.signIn(caller, { username: unique('stuffed'), password: PASSWORD })),
      );
      expect((await Promise.all(tries)).filter((each) => each === 'RATE_LIMITED')).toHaveLength(46);
      expect(hasher.runs()).toBe(4);
    });

    it('renews a hash of other parameters', async () => {
      const { services } = openServices(site.store, { hasher: createHasher({ concurrent: 1, waiting: 10 }) });
      const username = unique('old');
      const passwordHash = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
      await site.store.accounts.create({
        id: newUserId(),
        username,
        displayName: username,
        avatarUrl: null,
        isBot: false,
        passwordHash,
      });
      expect(await outcome(services.auth.signIn(from(), { username, password: PASSWORD }))).toBe('ok');
      const [account] = await site.store.accounts.byUsername([username]);
      expect(account?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect(await outcome(services.auth.signIn(from(), { username, password: PASSWORD }))).toBe('ok');
    });

    it('heals a sign-up that broke off before the user was filed', async () => {
      const { services, signUp } = openServices(site.store);
      const { user, viewer } = await signUp();
      await site.store.directory.remove('users', user.id);
      await services.auth.signIn(from(), { username: user.username, password: PASSWORD });
      const found = await services.users.list(viewer, services.loaders(), { search: user.username });
      expect(found.edges.map(({ node }) => node.id)).toEqual([user.id]);
    });
  });

  describe('sessions', () => {
    it('tell whose they are and how long they last', async () => {
      const { services, signUp, settings } = openServices(site.store);
      const { token, user } = await signUp();
      const viewer = await services.auth.authenticate(token);
      expect(viewer).toMatchObject({ userId: user.id, username: user.username, displayName: user.displayName });
      expect(viewer?.sessionId).toMatch(/^[0-9a-f]{16}$/);
      expect(viewer?.remainingMs).toBeGreaterThan(settings.limits.sessionMs - 60_000);
      expect(viewer?.remainingMs).toBeLessThanOrEqual(settings.limits.sessionMs);
    });

    it('S6: any other text is nobody', async () => {
      const { services, signUp } = openServices(site.store);
      const [one, two] = [await signUp(), await signUp()];
      const swapped = `${two.user.id}.${one.token.split('.')[1]}`;
      const texts = [
        '',
        'Bearer',
        swapped,
        one.token.slice(0, -1),
        `${one.token}A`,
        `${one.user.id}.${'A'.repeat(43)}`,
        '__proto__',
      ];
      for (const text of texts) expect(await services.auth.authenticate(text)).toBeNull();
    });

    it('end at sign-out, alone', async () => {
      const { services, signUp } = openServices(site.store);
      const { user, token, viewer } = await signUp();
      const second = await services.auth.signIn(from(), { username: user.username, password: PASSWORD });
      expect(await services.auth.signOut(viewer)).toBe(true);
      expect(await services.auth.signOut(viewer)).toBe(false);
      expect(await services.auth.authenticate(token)).toBeNull();
      expect(await services.auth.authenticate(second.token)).not.toBeNull();
    });

    it('end by themselves', async () => {
      const { services } = openServices(site.store, { limits: { sessionMs: 300 } });
      const { token } = await services.auth.signUp(from(), { username: unique('brief'), password: PASSWORD });
      await expect.poll(() => services.auth.authenticate(token), { timeout: 5000 }).toBeNull();
    });

    it('are so many at most: the oldest gives way', async () => {
      const { signUp, services } = openServices(site.store, { limits: { sessionsPerUser: 2 } });
      const { token, user } = await signUp();
      for (let n = 0; n < 2; n += 1) await services.auth.signIn(from(), { username: user.username, password: PASSWORD });
      expect(await services.auth.authenticate(token)).toBeNull();
    });
  });
});
