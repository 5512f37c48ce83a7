import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { at, post, textAt } from '../support/graphql-client.ts';
import type { Site } from '../support/site.ts';
import { waitFor } from '../support/wait-for.ts';

/** The password of every demo user. */
export const PASSWORD = 'parley-demo';

/** Patience for what takes a round trip or more on a busy machine. */
export const LONG = 30_000;

type Arrival = Parameters<Site['arrive']>[1];

/** A page of that user, signed in: with a session of its own, as the form would have made it. */
export async function come(site: Site, username: string, options: Arrival = {}): Promise<Page> {
  const page = await site.arrive(username === 'alice' ? 'first' : 'last', {
    ...options,
    storageState: { cookies: [await cookieOf(site.server.url, username)], origins: [] },
  });
  await page.getByRole('link', { name: /General/ }).waitFor();
  return page;
}

/** The cookie of a new web session of that user. */
async function cookieOf(url: string, username: string) {
  const signIn = `mutation { signIn(input: { username: "${username}", password: "${PASSWORD}" }) { expiresAt } }`;
  const { headers } = await post(url, signIn, { headers: { origin: url, 'parley-web-session': '1' } });
  const [, name, value] = /^(\w+)=([^;]+)/.exec(headers.get('set-cookie') ?? '') ?? [];
  if (name === undefined || value === undefined) throw new Error('there was no cookie');
  return {
    name,
    value,
    domain: new URL(url).hostname,
    path: '/',
    expires: -1,
    httpOnly: true,
    secure: false,
    sameSite: 'Strict',
  } as const;
}

/** Signs in on the form and waits for the list of rooms. */
export async function signIn(page: Page, username: string): Promise<void> {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: /General/ }).waitFor();
}

/** Another tab of the same person. */
export async function anotherTab(page: Page): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(page.url());
  return tab;
}

/** Opens a room from the list and waits for its messages. */
export async function openRoom(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('link', { name }).click();
  // Not of the room before it.
  await page.getByRole('region', { name }).getByRole('log').getByRole('article').first().waitFor();
}

/** The field one writes in. */
export const field = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });

/** Writes and sends. */
export async function say(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press('Enter');
}

/** The messages on the page, what is still on its way left out. */
export const said = (page: Page): Promise<string[]> => page.locator('.message:not(.pending) .body').allInnerTexts();

/** Waits until these are the last messages on the page: which rows there are is settled only once all are measured. */
export async function endsWith(page: Page, lines: readonly string[]): Promise<void> {
  const last = async () => (await said(page)).slice(-lines.length);
  const isSo = async () => isDeepStrictEqual(await last(), lines);
  await waitFor(isSo, { what: 'the last messages', timeoutMs: LONG }).catch(async () => expect(await last()).toEqual(lines));
}

/** Waits until two pages show the same messages. */
export async function showTheSame(one: Page, other: Page): Promise<void> {
  const isSo = async () => isDeepStrictEqual(await said(one), await said(other));
  await waitFor(isSo, { what: 'the same messages', timeoutMs: LONG }).catch(async () =>
    expect(await said(one)).toEqual(await said(other)),
  );
}

/** Waits until that message is on the page, and no longer on its way. */
export async function sees(page: Page, text: string): Promise<void> {
  const isThere = (wanted: string) =>
    [...document.querySelectorAll<HTMLElement>('.message:not(.pending) .body')].some(({ innerText }) => innerText === wanted);
  await page.waitForFunction(isThere, text, { polling: 'raf', timeout: LONG }).catch((error: unknown) => {
    throw new Error(`waited in vain for ${JSON.stringify(text)}`, { cause: error });
  });
}

/** Waits until the messages in sight are drawn: what was scrolled to is only measured at first, and has no words yet. */
export async function drawn(page: Page): Promise<void> {
  const isDrawn = () => {
    const box = document.querySelector('[role=log]')?.getBoundingClientRect();
    const rows = [...document.querySelectorAll<HTMLElement>('[role=log] [data-index]')].filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return box !== undefined && bottom > box.top && top < box.bottom;
    });
    const isCovered = rows.some((row) => row.dataset.index === '0' || row.getBoundingClientRect().top <= (box?.top ?? 0));
    return isCovered && rows.every((row) => getComputedStyle(row).visibility === 'visible');
  };
  await page.waitForFunction(isDrawn, undefined, { polling: 'raf' });
}

/** The message with that text. */
export const messageOf = (page: Page, text: string | RegExp) =>
  page.locator('.message:not(.pending)').filter({ has: page.locator('.body', { hasText: text }) });

/** Does one of the things that can be done with a message: by keyboard, for what comes in may move it away from under a mouse. */
export async function act(page: Page, text: string, name: string): Promise<void> {
  const message = messageOf(page, text).last();
  await message.focus();
  await message.getByRole('button', { name, exact: true }).press('Enter');
}

/** A token of that user. */
export async function tokenOf(url: string, username: string): Promise<string> {
  const { data } = await post(url, `mutation { signIn(input: { username: "${username}", password: "${PASSWORD}" }) { token } }`);
  return textAt(data, 'signIn.token');
}

/** The id of the room General. */
export async function generalId(url: string, token: string): Promise<string> {
  const { data } = await post(url, '{ rooms(first: 1, search: "General") { nodes { id } } }', { token });
  return textAt(at(data, 'rooms.nodes'), '0.id');
}

/** How to come by the id of the direct room with that user, which is made where there is none yet. */
export const directWith =
  (username: string) =>
  async (url: string, token: string): Promise<string> => {
    const { data } = await post(url, `{ user(username: "${username}") { id } }`, { token });
    const open = 'mutation ($input: OpenDirectRoomInput!) { openDirectRoom(input: $input) { room { id } } }';
    const opened = await post(url, open, { token, variables: { input: { userId: textAt(data, 'user.id') } } });
    return textAt(opened.data, 'openDirectRoom.room.id');
  };

/** Sends as that user, past the page: to General, or to another room. Returns what was taken, in order. */
export async function sendAll(
  url: string,
  username: string,
  bodies: readonly string[],
  roomIdOf: (url: string, token: string) => Promise<string> = generalId,
): Promise<string[]> {
  const token = await tokenOf(url, username);
  const roomId = await roomIdOf(url, token);
  const taken: string[] = [];
  for (const body of bodies) {
    const mutation = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
    const { errors } = await post(url, mutation, { token, variables: { input: { roomId, body } } });
    if (errors === undefined) taken.push(body);
    else if (errors[0]?.extensions.code !== 'BAD_USER_INPUT') throw new Error(errors[0]?.message);
  }
  return taken;
}
