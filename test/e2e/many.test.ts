import { describe, expect, it } from 'vitest';
import { post, textAt } from '../support/graphql-client.ts';
import { embedded, useSite } from '../support/site.ts';
import { waitFor } from '../support/wait-for.ts';
import { come, field, LONG, openRoom, tokenOf } from './pages.ts';

/** More than a page of anything holds. */
const MANY = 130;

describe('more than one page', { timeout: 120_000 }, () => {
  const site = useSite(async () => {
    const ground = await embedded();
    const ample = { PARLEY_RATE_WRITE: '1000/s:1000', PARLEY_RATE_SIGN_UP_ADDRESS: '1000/s:1000' };
    return { ...ground, settings: ground.settings.map((each) => ({ ...each, ...ample })) };
  });

  it('of members: who joined last is found for a mention and in the panel', async () => {
    const join = 'mutation ($input: SignUpInput!) { signUp(input: $input) { token } }';
    const signUp = async (username: string, displayName: string) => {
      const input = { username, displayName, password: 'correct horse battery' };
      expect((await post(site.server.url, join, { variables: { input } })).errors).toBeUndefined();
    };
    for (let from = 0; from < MANY; from += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, n) => signUp(`guest${from + n}`, `Guest ${from + n}`)));
    }
    await signUp('zora', 'Zora Late');
    const alice = await come(site, 'alice');
    await openRoom(alice, /General/);
    await field(alice).pressSequentially('Welcome @la');
    await alice.getByRole('option', { name: /Zora Late/ }).waitFor();
    await alice.keyboard.press('Tab');
    expect(await field(alice).inputValue()).toBe('Welcome @zora ');
    await alice.getByRole('button', { name: 'Members and settings' }).click();
    await alice.getByLabel('Search members').fill('zora');
    await alice.getByRole('listitem').filter({ hasText: 'Zora Late' }).waitFor();
  });

  it('of rooms: all are in the list, and in the quick switcher, also after a reconnection', async () => {
    const token = await tokenOf(site.server.url, 'carol');
    const create = 'mutation ($input: CreateRoomInput!) { createRoom(input: $input) { room { id } } }';
    for (let number = 0; number < MANY; number += 1) {
      const { data } = await post(site.server.url, create, {
        token,
        variables: { input: { name: `Room no ${number}`, kind: 'PRIVATE' } },
      });
      expect(textAt(data, 'createRoom.room.id')).not.toBe('');
    }
    const carol = await come(site, 'carol');
    const count = () => carol.getByRole('link', { name: /^Room no/ }).count();
    await waitFor(async () => (await count()) === MANY, { what: 'all rooms', timeoutMs: LONG });
    await site.server.kill();
    await site.server.start();
    await carol.getByText('Live', { exact: true }).waitFor({ timeout: LONG });
    expect(await count()).toBe(MANY);
    await carol.keyboard.press('Control+k');
    await carol.getByRole('combobox').fill('no 0');
    await carol.getByRole('option', { name: 'Room no 0' }).waitFor();
    await carol.keyboard.press('Enter');
    await carol.getByRole('heading', { name: 'Room no 0' }).waitFor();
  });
});
