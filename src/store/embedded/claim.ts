import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database, RootDatabase } from 'lmdb';

/** Who holds a data directory: where it answers for as long as it lives. */
export interface Holder {
  readonly address: string;
  readonly pid: number;
}

const ANSWER_MS = 1000;

/**
 * Makes this process the only one that uses the data directory: events are published inside the process, so a second one would never
 * hear of them. The holder listens on a socket of its own, which dies with it, kill -9 included; a record in the database, exchanged in a
 * transaction, says which socket that is, and means nothing once nobody answers there. Returns what gives the directory back. Rejects where a living process holds it.
 */
export async function claim(
  dataDir: string,
  root: RootDatabase,
  holders: Database<Holder, string>,
): Promise<() => Promise<void>> {
  const { server, address } = await listenSomewhere(dataDir);
  for (;;) {
    root.resetReadTxn();
    const before = holders.get('holder');
    if (before && (await answers(before.address))) {
      await closed(server);
      throw new Error(`another Parley process (${before.pid}) is using it`);
    }
    if (exchange(root, holders, before, { address, pid: process.pid })) {
      if (before) removeSocket(before.address);
      return () => closed(server);
    }
  }
}

function exchange(root: RootDatabase, holders: Database<Holder, string>, before: Holder | undefined, next: Holder): boolean {
  return root.transactionSync(() => {
    if (holders.get('holder')?.address !== before?.address) return false;
    holders.putSync('holder', next);
    return true;
  });
}

async function listenSomewhere(dataDir: string): Promise<{ server: Server; address: string }> {
  const name = `parley-${randomBytes(8).toString('hex')}`;
  if (process.platform === 'win32') return listen(`\\\\.\\pipe\\${name}`);
  // In the directory itself other containers that share it see the socket too; not every file system or path length allows one.
  return listen(path.join(dataDir, `${name}.sock`)).catch(() => listen(path.join(tmpdir(), `${name}.sock`)));
}

function listen(address: string): Promise<{ server: Server; address: string }> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(address, () => resolve({ server: server.unref(), address }));
  });
}

const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** A stopped or busy process answers too (the kernel accepts for it); only one that is gone does not. */
function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const end = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(ANSWER_MS, () => end(true));
    socket.once('connect', () => end(true));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'));
  });
}

function removeSocket(address: string): void {
  if (process.platform !== 'win32') rmSync(address, { force: true });
}
