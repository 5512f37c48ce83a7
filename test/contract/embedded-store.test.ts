import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { newUserId } from '../../src/domain/ids.ts';
import type { Store } from '../../src/ports/store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/index.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { createStrictLog, temporaryDirectory } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';
import { allEntries, idempotency, makeRoom, newAccount, randomName, send } from './fixtures.ts';

const HOUR = 3_600_000;

async function newDirectory(): Promise<string> {
  const directory = await temporaryDirectory();
  endAfterTest(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function openStore(dataDir: string, given: { now?: () => number; runId?: string } = {}): Promise<Store> {
  const store = await createEmbeddedStore({ dataDir, log: createStrictLog(), ...given });
  endAfterTest(() => store.close());
  return store;
}

/** Another process with a store; `lines` is what it has said. */
function startProcess(
  command: readonly string[],
  ...args: string[]
): { child: ChildProcess; lines: string[]; end(signal: NodeJS.Signals): Promise<void> } {
  const script = path.resolve(import.meta.dirname, 'embedded-process.ts');
  const [program = '', ...rest] = [...command, process.execPath, '--import', 'tsx', script, ...args];
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'close');
    child.kill(signal);
    await gone;
  };
  endAfterTest(() => end('SIGKILL'));
  return { child, lines, end };
}

/** How many rows these tables have, of a store that is closed. */
async function rowsOf(dataDir: string, ...tables: string[]): Promise<number[]> {
  const root = open({ path: path.join(dataDir, 'parley.mdb'), noSubdir: true, maxDbs: 64, readOnly: true });
  const rows = tables.map((name) => root.openDB(name, {}).getKeysCount({}));
  await root.close();
  return rows;
}

const said = (lines: readonly string[], word: string) => lines.filter((line) => line.startsWith(`${word} `) || line === word);

describe('the embedded store over time', () => {
  it('P3 keeps everything over a restart, and goes on from there', async () => {
    const dataDir = path.join(await newDirectory(), 'made', 'on the way.d');
    const first = await openStore(dataDir);
    const account = newAccount();
    const user = await first.accounts.create(account);
    await first.sessions.create({ id: 's'.repeat(16), tokenHash: 'h', userId: user.id, ttlMs: HOUR, limit: 5 });
    const { id: roomId } = await makeRoom(first, { members: [user.id, newUserId()] });
    await first.joinedRooms.settle(user.id, roomId, true);
    await first.directory.put('rooms', { id: roomId, name: 'Some name' });
    await first.presence.renew('holder', [user.id], HOUR);
    const key = idempotency();
    const sent = await send(first, roomId, user.id, { idempotency: key });
    await first.timeline.react({ ...sent, actorId: user.id, emoji: '👍', present: true, maxEmojis: 3 });

    const look = async (store: Store) => ({
      users: await store.accounts.byUsername([account.username]),
      alive: await store.sessions.alive(user.id, ['s'.repeat(16)]),
      rooms: await store.rooms.get([roomId]),
      entries: await allEntries(store, roomId),
      reactors: await store.timeline.reactors(sent, '👍', 5),
      membership: await store.memberships.get([{ roomId, userId: user.id }]),
      joined: await store.joinedRooms.list(user.id),
      found: await store.directory.list('rooms', { search: 'name', after: null, limit: 5 }),
      presence: await store.presence.get([user.id]),
    });
    const before = await look(first);
    await first.close();
    const second = await openStore(dataDir);
    expect(await look(second)).toEqual(before);
    expect((await send(second, roomId, user.id, { idempotency: key })).number).toBe(sent.number);
    expect((await send(second, roomId, user.id)).number).toBe(5);
  });

  it('P3 loses nothing acknowledged to kill -9 while messages flow, again and again', async () => {
    const dataDir = await newDirectory();
    const author = newUserId();
    let store = await openStore(dataDir);
    const { id: roomId } = await makeRoom(store, { members: [author] });
    for (let round = 0; round < 3; round += 1) {
      await store.close();
      const writer = startProcess([], 'sendForEver', dataDir, roomId, author);
      await waitFor(() => said(writer.lines, 'sent').length > 300, { what: 'three hundred messages', timeoutMs: 15_000 });
      await writer.end('SIGKILL');
      store = await openStore(dataDir);
      const entries = await allEntries(store, roomId);
      expect(entries.map(({ number }) => number)).toEqual(entries.map((_, index) => index + 1));
      for (const line of said(writer.lines, 'sent')) {
        const [, number = '', at = '', ...body] = line.split(' ');
        expect(entries[Number(number) - 1]).toMatchObject({ at: Number(at), body: body.join(' '), authorId: author });
      }
      const head = entries.length;
      expect(await store.timeline.heads([roomId])).toMatchObject([{ number: head }]);
      expect(await store.memberships.get([{ roomId, userId: author }])).toMatchObject([
        { unreadCount: 0, receipt: { number: head, ordinal: head - 1 } },
      ]);
    }
  });

  it('never goes back in time, though the clock does', async () => {
    const dataDir = await newDirectory();
    let now = 1_800_000_000_000;
    let store = await openStore(dataDir, { now: () => now });
    const a = newUserId();
    const { id: roomId } = await makeRoom(store, { members: [a] });
    const first = await send(store, roomId, a);
    now -= HOUR;
    expect((await send(store, roomId, a)).at).toBe(first.at);
    await store.close();
    store = await openStore(dataDir, { now: () => now });
    const later = await send(store, roomId, a);
    expect(later.at).toBe(first.at);
    const edited = await store.timeline.edit({ ...later, actorId: a, body: 'x', mentions: [] });
    expect(edited.editedAt).toBe(first.at);
  });

  it('P4 knows a key for 24 hours, and then forgets it', async () => {
    const dataDir = await newDirectory();
    let now = 1_800_000_000_000;
    const store = await openStore(dataDir, { now: () => now });
    const a = newUserId();
    const { id: roomId } = await makeRoom(store, { members: [a] });
    const key = idempotency();
    const first = await send(store, roomId, a, { idempotency: key });
    now += 24 * HOUR - 1;
    expect((await send(store, roomId, a, { idempotency: key })).number).toBe(first.number);
    now += 1;
    const second = await send(store, roomId, a, { idempotency: { ...key, digest: 'another0' } });
    expect(second.number).toBe(first.number + 1);
    now += 12 * HOUR;
    expect((await send(store, roomId, a, { idempotency: { ...key, digest: 'another0' } })).number).toBe(second.number);
  });

  it('does not pile up what has ended', async () => {
    const dataDir = await newDirectory();
    let now = 1_800_000_000_000;
    const store = await openStore(dataDir, { now: () => now });
    const a = newUserId();
    const { id: roomId } = await makeRoom(store, { members: [a] });
    const session = (ttlMs: number) =>
      store.sessions.create({ id: randomName(), tokenHash: randomName(), userId: newUserId(), ttlMs, limit: 5 });
    for (let count = 0; count < 40; count += 1) {
      await send(store, roomId, a, { idempotency: idempotency() });
      await session(HOUR);
    }
    now += 25 * HOUR;
    for (let count = 0; count < 30; count += 1) await send(store, roomId, a, { idempotency: idempotency() });
    await store.close();
    const rows = await rowsOf(dataDir, 'sends', 'sessions', 'endings');
    expect(rows).toEqual([30, 0, 30]);
  });

  it('leaves nothing behind of what was trimmed, nor of members who left', async () => {
    const dataDir = await newDirectory();
    const store = await openStore(dataDir);
    const [a, b] = [newUserId(), newUserId()];
    const { id: roomId } = await makeRoom(store, { members: [a, b] });
    for (let count = 0; count < 10; count += 1) {
      const asked = await send(store, roomId, a);
      await send(store, roomId, b, { replyTo: asked });
      await store.timeline.react({ ...asked, actorId: b, emoji: '👍', present: true, maxEmojis: 3 });
      await store.timeline.react({ ...asked, actorId: a, emoji: '🎉', present: true, maxEmojis: 3 });
      if (count % 2) await store.timeline.edit({ ...asked, actorId: a, body: 'edited', mentions: [] });
      if (count % 3 === 0) await store.timeline.delete({ ...asked, actorId: a, guard: [] });
    }
    await store.memberships.leave({ roomId, userId: b, body: 'left', heirBody: '', guard: [], keep: 0 });
    await send(store, roomId, a, { keep: 1 });
    await store.close();
    const tables = ['entries', 'changes', 'tombstones', 'replies', 'reactors', 'reacted', 'members', 'joins', 'roles'];
    expect(await rowsOf(dataDir, ...tables)).toEqual([1, 0, 0, 0, 0, 0, 1, 1, 1]);
  });

  it('drops from a list what was put there more than a minute ago, and nothing that was not asked for', async () => {
    let now = 1_800_000_000_000;
    const store = await openStore(await newDirectory(), { now: () => now });
    const userId = newUserId();
    for (const roomId of ['expected', 'settled', 'again', 'resettled', 'kept'])
      await store.joinedRooms.expect(userId, roomId, 10);
    await store.joinedRooms.settle(userId, 'settled', true);
    now += 30_000;
    await store.joinedRooms.expect(userId, 'again', 10);
    await store.joinedRooms.settle(userId, 'resettled', true);
    now += 30_001;
    const { version } = await store.joinedRooms.list(userId);
    await store.joinedRooms.drop(userId, ['expected', 'settled', 'again', 'resettled', 'never there']);
    const after = await store.joinedRooms.list(userId);
    expect([...after.roomIds].sort()).toEqual(['again', 'kept', 'resettled']);
    expect(after.version).toBe(version);
  });

  it('P10 remembers leases over a restart, and when someone was last seen', async () => {
    const dataDir = await newDirectory();
    let now = 1_800_000_000_000;
    const first = await openStore(dataDir, { now: () => now });
    const userId = newUserId();
    await first.presence.renew('a process that dies', [userId], 35_000);
    await first.close();
    now += 20_000;
    const second = await openStore(dataDir, { now: () => now });
    expect(await second.presence.get([userId])).toEqual([{ online: true, lastSeenAt: 1_800_000_000_000 }]);
    expect(await second.presence.sweep(10)).toEqual([]);
    now += 15_000;
    expect(await second.presence.sweep(10)).toEqual([{ userId, lastSeenAt: 1_800_000_000_000, roomIds: [] }]);
    expect(await second.presence.sweep(10)).toEqual([]);
  });

  it('works off in portions what a lowered limit leaves over', async () => {
    const store = await openStore(await newDirectory());
    const a = newUserId();
    const { id: roomId } = await makeRoom(store, { members: [a] });
    await Promise.all(Array.from({ length: 2500 }, () => send(store, roomId, a)));
    const kept: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      await send(store, roomId, a, { keep: 10 });
      kept.push((await allEntries(store, roomId)).length);
    }
    expect(kept).toEqual([1502, 503, 10, 10]);
  });
});

describe('the epochs of the embedded store', () => {
  it('P2 lets every position of earlier runs be resumed, until a hundred runs have passed', async () => {
    const dataDir = await newDirectory();
    const a = newUserId();
    let store = await openStore(dataDir);
    const { id: roomId, position } = await makeRoom(store, { members: [a] });
    const positions = [position];
    for (let run = 0; run < 104; run += 1) {
      await store.close();
      store = await openStore(dataDir);
      expect(await store.timeline.heads([roomId])).toEqual(positions.slice(-1));
      await send(store, roomId, a);
      const [head] = await store.timeline.heads([roomId]);
      if (head) positions.push(head);
    }
    expect(new Set(positions.map(({ epoch }) => epoch)).size).toBe(105);
    const replays = await Promise.all(positions.map((each) => store.timeline.replay(roomId, each, 1000)));
    const statuses = replays.map((replay) => (replay.status === 'events' ? replay.events.length : replay.status));
    expect(statuses).toEqual(positions.map((_, index) => (index < 4 ? 'reset' : 104 - index)));
  });

  it('P2 knows a position that a restored backup has lost', async () => {
    const [dataDir, backup] = [await newDirectory(), await newDirectory()];
    const a = newUserId();
    let store = await openStore(dataDir);
    const { id: roomId } = await makeRoom(store, { members: [a] });
    const head = async () => (await store.timeline.heads([roomId]))[0] ?? { epoch: '', number: -1 };
    const sendSome = async (count: number) => {
      for (let sent = 0; sent < count; sent += 1) await send(store, roomId, a);
      return head();
    };
    const status = async (position: { epoch: string; number: number }) => {
      const replay = await store.timeline.replay(roomId, position, 1000);
      return replay.status === 'reset' ? replay.reason : replay.status;
    };
    const kept = await sendSome(5);
    await store.close();
    await cp(path.join(dataDir, 'parley.mdb'), path.join(backup, 'parley.mdb'));
    store = await openStore(dataDir);
    const lost = await sendSome(5);
    await store.close();
    store = await openStore(backup);
    expect([await status(kept), await status(lost), await status({ ...kept, number: lost.number })]).toEqual([
      'events',
      'FORKED',
      'FORKED',
    ]);
    // Now the same numbers name other messages.
    expect((await sendSome(9)).number).toBeGreaterThan(lost.number);
    expect([await status(kept), await status(lost), await status({ ...kept, number: lost.number })]).toEqual([
      'events',
      'FORKED',
      'FORKED',
    ]);
  });
});

describe('the data directory of the embedded store', () => {
  it('is refused to a second process while the first lives, though it be frozen, and free at once when that is killed', async () => {
    const dataDir = await newDirectory();
    const holder = startProcess([], 'hold', dataDir);
    await waitFor(() => said(holder.lines, 'open').length > 0, { what: 'the first process', timeoutMs: 15_000 });
    const refused = new RegExp(
      `^The data directory .* cannot be used: another Parley process \\(${holder.child.pid}\\) is using it\\.$`,
    );
    await expect(createEmbeddedStore({ dataDir, log: createStrictLog() })).rejects.toMatchObject({
      name: 'DataDirectoryError',
      message: expect.stringMatching(refused),
    });
    holder.child.kill('SIGSTOP');
    await expect(createEmbeddedStore({ dataDir, log: createStrictLog() })).rejects.toMatchObject({ name: 'DataDirectoryError' });
    await holder.end('SIGKILL');
    const store = await openStore(dataDir);
    await store.ping();
    await store.close();
    expect((await readdir(dataDir)).filter((name) => name.endsWith('.sock'))).toEqual([]);
  });

  it('is refused to the same process a second time, and only one of many who start at once gets it', async () => {
    const dataDir = await newDirectory();
    const tries = await Promise.allSettled(
      Array.from({ length: 5 }, () => createEmbeddedStore({ dataDir, log: createStrictLog() })),
    );
    const stores = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    for (const store of stores) endAfterTest(() => store.close());
    expect(stores).toHaveLength(1);
    await stores[0]?.close();
    await openStore(dataDir);
  });

  it('is named in one clear message where it cannot be used', async () => {
    const directory = await newDirectory();
    const file = path.join(directory, 'file');
    await writeFile(file, 'x');
    const broken = path.join(directory, 'broken');
    await mkdir(broken);
    await writeFile(path.join(broken, 'parley.mdb'), 'this is no database'.repeat(1000));
    for (const dataDir of [file, path.join(file, 'below'), broken]) {
      await expect(createEmbeddedStore({ dataDir, log: createStrictLog() }), dataDir).rejects.toMatchObject({
        name: 'DataDirectoryError',
        message: expect.stringMatching(/^The data directory .+ cannot be used: .+\.$/),
      });
    }
  });

  it('is refused where a later version of Parley has written it', async () => {
    const dataDir = await newDirectory();
    const store = await openStore(dataDir);
    await store.close();
    const write = async (format: number) => {
      const root = open({ path: path.join(dataDir, 'parley.mdb'), noSubdir: true, maxDbs: 64 });
      await root.openDB('format', {}).put('format', format);
      await root.close();
    };
    await write(2);
    await expect(createEmbeddedStore({ dataDir, log: createStrictLog() })).rejects.toThrow(/format 2/);
    await write(1);
    await openStore(dataDir);
  });

  it('F21 may be full: writes are refused without a trace, reads go on, and it recovers by itself', async () => {
    const dataDir = await newDirectory();
    const author = newUserId();
    const store = await openStore(dataDir);
    const { id: roomId } = await makeRoom(store, { members: [author] });
    await store.close();
    // A limit on the size of files, in blocks of 512 bytes; without the trap its signal would end the process.
    const limited = ['sh', '-c', 'trap "" XFSZ; ulimit -S -f 1000; exec "$@"', 'sh'];
    const writer = startProcess(limited, 'sendWhenTold', dataDir, roomId, author);
    await waitFor(() => said(writer.lines, 'open').length > 0, { what: 'the process', timeoutMs: 15_000 });
    const tell = async (count: number) => {
      const before = said(writer.lines, 'head').length;
      writer.child.stdin?.write('abcd\n'.repeat(count));
      await waitFor(() => said(writer.lines, 'head').length === before + count, { what: 'the answers', timeoutMs: 15_000 });
    };
    await tell(200);
    const failed = said(writer.lines, 'failed');
    expect(failed.length).toBeGreaterThan(10);
    expect(new Set(failed)).toEqual(new Set(['failed UNAVAILABLE']));
    execFileSync('prlimit', ['--pid', String(writer.child.pid), '--fsize=unlimited']);
    await tell(20);
    expect(said(writer.lines, 'failed')).toHaveLength(failed.length);
    const sent = said(writer.lines, 'sent').map((line) => Number(line.split(' ')[1]));
    expect(sent).toEqual(sent.map((_, index) => index + 2));
    expect(said(writer.lines, 'heard').map((line) => Number(line.split(' ')[1]))).toEqual(sent);
    expect(said(writer.lines, 'unhandled')).toEqual([]);
    writer.child.stdin?.end();
    await waitFor(() => said(writer.lines, 'closed').length > 0, { what: 'the end' });
    const again = await openStore(dataDir);
    expect((await allEntries(again, roomId)).map(({ number }) => number)).toEqual([1, ...sent]);
  });
});

describe('a closed embedded store', () => {
  it('finishes what runs, and then everything is UNAVAILABLE', async () => {
    const store = await openStore(await newDirectory());
    const a = newUserId();
    const { id: roomId } = await makeRoom(store, { members: [a] });
    const running = Array.from({ length: 50 }, () => send(store, roomId, a));
    const closing = [store.close(), store.close()];
    expect((await Promise.all(running)).map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, index) => index + 2));
    await Promise.all(closing);
    await store.close();
    const unavailable = { code: 'UNAVAILABLE' };
    await expect(send(store, roomId, a)).rejects.toMatchObject(unavailable);
    await expect(store.timeline.heads([roomId])).rejects.toMatchObject(unavailable);
    await expect(store.ping()).rejects.toMatchObject(unavailable);
    await expect(store.feed.watchRoom(roomId, () => undefined)).rejects.toMatchObject(unavailable);
    await expect(store.feed.signal([roomId], { type: 'typing', userId: a, expiresAt: 1 })).rejects.toMatchObject(unavailable);
    expect([store.feed.connected, store.feed.channels]).toEqual([false, 0]);
  });
});
