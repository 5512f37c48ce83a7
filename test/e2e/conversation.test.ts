import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { post } from '../support/graphql-client.ts';
import { embedded, GROUNDS, type Site, useSite } from '../support/site.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { act, anotherTab, come, field, LONG, messageOf, openRoom, said, say, sees, sendAll, signIn } from './pages.ts';

/** Alice and Bob, both in General. */
async function two(site: Site): Promise<[Page, Page]> {
  const pages: [Page, Page] = [await come(site, 'alice'), await come(site, 'bob')];
  for (const page of pages) await openRoom(page, /General/);
  return pages;
}

describe.each(GROUNDS)('a conversation $name', { timeout: 120_000 }, ({ open }) => {
  const site = useSite(open);

  it('answers, reacts, edits and deletes, seen by both', async () => {
    const [alice, bob] = await two(site);
    await say(alice, 'Shall we have **tea**, @bob?');
    await sees(bob, 'Shall we have tea, @bob?');
    expect(await messageOf(bob, 'Shall we have').locator('.mention.me').innerText()).toBe('@bob');

    await act(bob, 'Shall we have', 'Reply');
    await say(bob, 'Gladly.');
    await sees(alice, 'Gladly.');
    await messageOf(alice, 'Shall we have').getByRole('button', { name: '1 reply' }).click();
    await alice
      .getByRole('dialog', { name: 'Replies to Alice' })
      .getByRole('button', { name: /Bob Gladly/ })
      .click();
    await alice.locator('.lit').getByText('Gladly.').waitFor();
    await messageOf(alice, 'Gladly.').getByRole('button', { name: 'Go to the message answered, by Alice' }).click();
    await alice.locator('.lit').getByText('Shall we have').waitFor();

    await act(alice, 'Gladly.', 'Add a reaction');
    await alice.getByLabel('Search emoji').fill('tada');
    await alice.keyboard.press('Escape');
    await act(alice, 'Gladly.', 'Add a reaction');
    await alice.getByLabel('Search emoji').fill('rocket');
    await alice.getByRole('button', { name: 'rocket', exact: true }).click();
    await messageOf(bob, 'Gladly.').getByRole('button', { name: '🚀, 1 person: Alice' }).click();
    await messageOf(alice, 'Gladly.')
      .getByRole('button', { name: /^🚀, 2 people/ })
      .waitFor();

    await field(bob).press('ArrowUp');
    await waitFor(async () => (await field(bob).inputValue()) === 'Gladly.', { what: 'the last message in the field' });
    await field(bob).fill('Gladly, with milk.');
    await field(bob).press('Enter');
    await messageOf(alice, 'Gladly, with milk.').getByText('edited').waitFor();

    await act(bob, 'Gladly, with milk.', 'Delete');
    await bob.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await alice.getByText('This message was deleted.').waitFor();
    expect(await said(bob)).not.toContain('Gladly, with milk.');
  });

  it('an answer that comes later than what others did since takes nothing of that back', async () => {
    const [alice, bob] = await two(site);
    await say(bob, 'Who is in?');
    await sees(alice, 'Who is in?');
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await alice.route('**/graphql', async (route) => {
      const isReaction = route.request().postData()?.includes('addReaction') ?? false;
      const response = await route.fetch();
      if (isReaction) await held;
      await route.fulfill({ response });
    });
    await act(alice, 'Who is in?', 'Add a reaction');
    await alice.getByLabel('Search emoji').fill('rocket');
    await alice.getByRole('button', { name: 'rocket', exact: true }).click();
    await messageOf(bob, 'Who is in?').getByRole('button', { name: '🚀, 1 person: Alice' }).click();
    const both = messageOf(alice, 'Who is in?').getByRole('button', { name: /^🚀, 2 people/ });
    await both.waitFor();
    const answered = alice.waitForResponse((response) => response.request().postData()?.includes('addReaction') ?? false);
    answer();
    await (await answered).finished();
    await say(alice, 'Both of us.');
    await sees(alice, 'Both of us.');
    expect(await both.count()).toBe(1);
  });

  it('can be clicked on while it moves, as it does all the time where much is said', async () => {
    const [alice] = await two(site);
    const lines = Array.from({ length: 40 }, (_, index) => `Line ${index + 1}`);
    await sendAll(site.server.url, 'carol', lines);
    await sees(alice, 'Line 40');
    const isUnderThePointer = await alice.getByRole('log').evaluate(async (log) => {
      const moved = new Promise((resolve) => {
        log.addEventListener('scroll', () => requestAnimationFrame(resolve), { once: true });
      });
      log.scrollBy(0, -50);
      await moved;
      const { top, bottom } = log.getBoundingClientRect();
      const row = [...log.querySelectorAll('.message')].find((each) => {
        const box = each.getBoundingClientRect();
        return box.top > (top + bottom) / 2;
      });
      const box = row?.getBoundingClientRect();
      return row?.contains(document.elementFromPoint((box?.left ?? 0) + 100, (box?.top ?? 0) + 5));
    });
    expect(isUnderThePointer).toBe(true);
    const line = messageOf(alice, 'Line 30');
    await line.hover();
    await line.getByRole('button', { name: 'Reply', exact: true }).click();
    await alice.getByText('Replying to Carol').waitFor();
  });

  it('shows who is typing, who has read, who is there, and never the own', async () => {
    const [alice, bob] = await two(site);
    const carol = await come(site, 'carol');
    for (const name of [/online Bob/, /online Carol/]) await alice.getByRole('link', { name }).waitFor();
    // Not at once: a page that is only loaded anew is not gone. The rest of the story takes as long.
    await carol.close();
    await field(bob).pressSequentially('Hm');
    await alice.getByText('Bob is typing').waitFor();
    expect(await bob.getByText('Bob is typing').count()).toBe(0);
    await alice.getByText('Bob is typing').waitFor({ state: 'detached' });
    await field(bob).fill('');
    await say(alice, 'Have you read this?');
    await alice.getByRole('img', { name: /Read up to here by .*Bob/ }).waitFor();
    await alice.getByRole('link', { name: /offline Carol/ }).waitFor({ timeout: LONG });
    await alice.getByRole('link', { name: /online Bob/ }).waitFor();
  });

  it('counts unread over several tabs and devices, in the title too, and shows where the new begins', async () => {
    const [alice, bob] = await two(site);
    // A device of his may have been led to another process.
    const everywhere = [bob, await anotherTab(bob), await come(site, 'bob', { origin: site.server.url })];
    for (const page of everywhere) await page.getByRole('link', { name: 'Alice' }).click();
    await say(alice, 'While you were away.');
    for (const page of everywhere) {
      await page.getByRole('link', { name: /^General 1 unread message/ }).waitFor();
      await waitFor(async () => (await page.title()).startsWith('('), { what: 'the count in the title' });
    }
    await openRoom(bob, /General/);
    await bob.getByText('New messages', { exact: true }).waitFor();
    for (const page of everywhere) await page.getByRole('link', { name: 'General', exact: true }).waitFor();
  });
});

describe('a conversation', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  it('completes mentions by keyboard, and keeps a draft over a reload', async () => {
    const [alice] = await two(site);
    await field(alice).pressSequentially('Hello @ca');
    await alice.getByRole('option', { name: /Carol/ }).waitFor();
    await alice.keyboard.press('Enter');
    expect(await field(alice).inputValue()).toBe('Hello @carol ');
    await alice.reload();
    await field(alice).waitFor();
    expect(await field(alice).inputValue()).toBe('Hello @carol ');
    await field(alice).fill('');
  });

  it('P4: what is written while the server is away survives a reload and arrives once, in order', async () => {
    const [alice, bob] = await two(site);
    await site.server.kill();
    for (const line of ['Parcel one', 'Parcel two', 'Parcel three']) await say(alice, line);
    await alice.locator('.pending', { hasText: 'Parcel three' }).waitFor();
    await alice
      .getByText(/Connection lost|Connecting/)
      .first()
      .waitFor({ timeout: LONG });
    await site.server.start();
    await alice.reload();
    for (const page of [alice, bob]) {
      await sees(page, 'Parcel three');
      expect((await said(page)).filter((body) => body.startsWith('Parcel'))).toEqual([
        'Parcel one',
        'Parcel two',
        'Parcel three',
      ]);
    }
    await waitFor(async () => (await alice.locator('.pending').count()) === 0, { what: 'nothing pending', timeoutMs: LONG });
  });

  it('goes on after the network was cut: says so, counts down, comes back at a click', async () => {
    const proxy = await startProxy(Number(new URL(site.server.url).port));
    const alice = await come(site, 'alice');
    await openRoom(alice, /General/);
    const bob = await come(site, 'bob', { origin: `http://127.0.0.1:${proxy.port}` });
    await openRoom(bob, /General/);
    proxy.refuse();
    await bob
      .getByText(/Trying again in/)
      .first()
      .waitFor({ timeout: LONG });
    await say(alice, 'Said while Bob was cut off.');
    proxy.mend();
    await bob
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 5000 })
      .catch(() => undefined);
    await sees(bob, 'Said while Bob was cut off.');
    await proxy.close();
  });

  it('leads back to the first unread message when much has come while nobody looked', async () => {
    const bob = await come(site, 'bob');
    await openRoom(bob, /General/);
    const first = bob.getByRole('button', { name: 'Jump to first unread' });
    expect(await first.count()).toBe(0);
    await bob.evaluate(() => {
      document.hasFocus = () => false;
      dispatchEvent(new Event('blur'));
    });
    const lines = Array.from({ length: 40 }, (_, n) => `While nobody looked ${n}`);
    await sendAll(site.server.url, 'alice', lines);
    await sees(bob, 'While nobody looked 39');
    await bob.evaluate(() => {
      document.hasFocus = () => true;
      dispatchEvent(new Event('focus'));
    });
    await first.click();
    await bob.getByText('New messages', { exact: true }).waitFor();
    await sees(bob, 'While nobody looked 0');
    await first.waitFor({ state: 'detached' });
    await bob.getByRole('button', { name: 'Jump to newest' }).click();
    await sees(bob, 'While nobody looked 39');
  });

  it('finds out at once that the line has died without a word, when the page comes to the front', async () => {
    const proxy = await startProxy(Number(new URL(site.server.url).port));
    const bob = await site.arrive('last', { origin: `http://127.0.0.1:${proxy.port}` });
    let lines = 0;
    let pongs = 0;
    bob.on('websocket', (socket) => {
      lines += 1;
      socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('"pong"')) pongs += 1;
      });
    });
    await signIn(bob, 'bob');
    await openRoom(bob, /General/);
    // It may open where the unread ones begin.
    await bob.getByRole('log').focus();
    await bob.keyboard.press('End');
    const comeToFront = () => bob.evaluate(() => void document.dispatchEvent(new Event('visibilitychange')));
    await comeToFront();
    await waitFor(() => pongs > 0, { what: 'an answer on a line that lives' });
    expect(lines).toBe(1);
    proxy.strand();
    await sendAll(site.server.url, 'alice', ['Said into a dead line.']);
    await comeToFront();
    await waitFor(() => lines > 1, { what: 'another line', timeoutMs: 4000 });
    await sees(bob, 'Said into a dead line.');
    expect(lines).toBe(2);
    await proxy.close();
  });
});

describe('a session', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  it('that is ended elsewhere leads to the sign-in, and back to what was being written', async () => {
    const alice = await come(site, 'alice');
    await openRoom(alice, /General/);
    await field(alice).fill('Half a sentence');
    const [cookie] = await alice.context().cookies();
    await post(site.server.url, 'mutation { signOut { signedOut } }', { token: cookie?.value ?? '' });
    await alice.getByText('Your session has ended.').waitFor();
    await signIn(alice, 'alice');
    await field(alice).waitFor();
    expect(await field(alice).inputValue()).toBe('Half a sentence');
  });
});

describe('rooms', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  it('are made, found, joined, renamed, shared and left', async () => {
    const [alice, bob] = [await come(site, 'alice'), await come(site, 'bob')];
    await alice.getByRole('button', { name: 'New room' }).click();
    await alice.getByLabel('Name').fill('Tea kitchen');
    await alice.getByRole('button', { name: 'Create room' }).click();
    await alice.getByRole('heading', { name: 'Tea kitchen' }).waitFor();
    await say(alice, 'First!');

    await bob.getByRole('link', { name: 'Browse rooms' }).click();
    await bob.getByLabel('Search rooms').fill('kitchen');
    await bob.getByRole('button', { name: 'Join Tea kitchen' }).click();
    await sees(bob, 'First!');
    await alice.getByText('Bob joined').waitFor();

    await alice.getByRole('button', { name: 'Members and settings' }).click();
    await alice.getByLabel('Role of Bob').selectOption('MODERATOR');
    await bob.getByText('Bob is now a moderator').waitFor();
    await bob.getByRole('button', { name: 'Members and settings' }).click();
    await bob.getByRole('button', { name: 'Edit name and topic' }).click();
    await bob.getByRole('textbox', { name: /Topic/ }).fill('Everything hot');
    await bob.getByRole('button', { name: 'Save' }).click();
    await alice.locator('.topic', { hasText: 'Everything hot' }).waitFor();

    await alice.getByRole('button', { name: 'Add someone' }).click();
    await alice.getByRole('combobox', { name: 'Search people' }).fill('dave');
    await alice.getByRole('option', { name: /Dave/ }).click();
    await bob.getByText('Dave was added by Alice').waitFor();
    await alice.getByRole('button', { name: 'Remove from room: Bob' }).click();
    await alice.getByRole('dialog').getByRole('button', { name: 'Remove from room' }).click();
    await bob.getByText('You are no longer a member of this room.').waitFor();
    await waitFor(async () => (await bob.getByRole('link', { name: 'Tea kitchen' }).count()) === 0, {
      what: 'the room to go from the list',
    });

    await alice.getByRole('button', { name: 'Leave room' }).click();
    await alice.getByRole('dialog').getByRole('button', { name: 'Leave room' }).click();
    await alice.getByText('Choose a room to start reading.').waitFor();
  });

  it('are reached by a few letters, and so are people', async () => {
    const carol = await come(site, 'carol');
    await carol.keyboard.press('Control+k');
    await carol.getByRole('combobox').fill('dav');
    await carol.getByRole('option', { name: /Dave/ }).waitFor();
    await carol.keyboard.press('Enter');
    await carol.getByRole('heading', { name: 'Dave' }).waitFor();
    await carol.getByText('Nothing has been said here yet.').waitFor();
    await say(carol, 'Hello Dave');
    await sees(carol, 'Hello Dave');
    const dave = await come(site, 'dave');
    await dave.getByRole('link', { name: /Carol.* 1 unread message/ }).waitFor();
  });
});
