import { DomainError } from '../domain/errors.ts';
import type { User } from '../domain/user.ts';
import { createAccount } from './accounts.ts';
import { admit } from './admission.ts';
import { ensureRoom } from './default-room.ts';
import { type Deps, keepOf } from './deps.ts';
import { openDirectRoom } from './direct-rooms.ts';
import { hashToken } from './tokens.ts';
import { words } from './words.ts';

/** The password of every demo user. */
export const DEMO_PASSWORD = 'parley-demo';

const NAMES = ['alice', 'bob', 'carol', 'dave'] as const;
type Name = (typeof NAMES)[number];

const GENERAL: readonly (readonly [Name, string])[] = [
  ['alice', 'Hello everyone, and welcome to Parley!'],
  ['bob', 'Hi Alice. Does it really lose **nothing**, @alice?'],
  ['alice', 'Pull the plug and see: every subscription resumes where it stopped.'],
  ['carol', 'I edited, deleted and reacted while I was offline and it all came back in order.'],
];
const DIRECT: readonly (readonly [Name, Name, string])[] = [
  ['bob', 'alice', 'Are you free for a call at three?'],
  ['alice', 'bob', 'Yes, see you then.'],
  ['carol', 'alice', 'The notes of this morning are in the shared folder.'],
];

/**
 * Fills a store that has none of it with demo data, once. The last user is made last, so a start that broke off is taken up where it stopped; an account of
 * one of the names that is not the demo's own means that this is no demo, and nothing is touched.
 */
export async function ensureDemo(deps: Deps): Promise<void> {
  const accounts = await deps.store.accounts.byUsername(NAMES);
  const complete = accounts.at(-1) !== null;
  const ours = await Promise.all(
    accounts.map((account) => account === null || deps.hasher.verify(account.passwordHash, DEMO_PASSWORD)),
  );
  if (complete || ours.includes(false)) return;
  const roomId = await ensureRoom(deps, deps.config.defaultRoom || 'General');
  const users = new Map<Name, User>();
  for (const name of NAMES.slice(0, -1)) users.set(name, await ensureUser(deps, name, roomId));
  await talk(deps, users, roomId);
  await ensureUser(deps, 'dave', roomId);
  deps.log.info({ users: NAMES }, 'demo data made');
}

async function ensureUser(deps: Deps, name: Name, roomId: string): Promise<User> {
  const displayName = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const user = await createAccount(deps, { username: name, password: DEMO_PASSWORD, displayName }).catch(
    async (error: unknown) => {
      if (!(error instanceof DomainError) || error.code !== 'CONFLICT') throw error;
      const [account] = await deps.store.accounts.byUsername([name]);
      if (!account) throw error;
      return account;
    },
  );
  await admit(deps, { roomId, userId: user.id, body: words.joined, guard: [] });
  return user;
}

async function talk(deps: Deps, users: ReadonlyMap<Name, User>, roomId: string): Promise<void> {
  const idOf = (name: Name) => users.get(name)?.id ?? '';
  const say = async (room: string, author: Name, body: string) => {
    // The key makes a start that is taken up again say nothing twice.
    const field = hashToken(`demo ${author} ${body}`).slice(0, 22);
    const mentions = NAMES.filter((name) => users.has(name) && body.includes(`@${name}`)).map(idOf);
    const idempotency = { key: `demo-${field}`, field, digest: field.slice(0, 8) };
    await deps.store.timeline.append({
      roomId: room,
      authorId: idOf(author),
      body,
      mentions,
      replyTo: null,
      idempotency,
      keep: keepOf(deps.config, room),
    });
  };
  for (const [author, body] of GENERAL) await say(roomId, author, body);
  for (const [author, other, body] of DIRECT) {
    const room = await openDirectRoom(deps, idOf(author), idOf(other));
    await say(room.id, author, body);
  }
}
