import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { unavailable } from '../../domain/errors.ts';
import { claim, type Holder } from './claim.ts';
import { openTables, type Tables } from './tables.ts';
import { createWriter, type Log, type Outlet, type Writer } from './writer.ts';

/** The store's tables and the two ways to use them. */
export interface Embedded extends Pick<Writer, 'write'> {
  readonly tables: Tables;
  /** The run of the store: handed out with every number from now on. */
  readonly epoch: string;
  /** Where news goes that is not part of a step. */
  readonly outlet: Outlet;
  /** ms since 1970; never goes back while the store is open. */
  now(): number;
  /** Runs `look` on one state of the store, whatever is being written meanwhile. UNAVAILABLE once closed. */
  read<T>(look: () => T): Promise<T>;
  close(): Promise<void>;
}

/** The data directory cannot be used; the message says which and why, ready to print. */
export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError';
}

const FORMAT = 1;

/** Opens or makes the database in `dataDir`, for this process alone. Throws DataDirectoryError. */
export async function openDatabase(
  dataDir: string,
  options: { readonly epoch: string; readonly now: () => number; readonly outlet: Outlet; readonly log: Log },
): Promise<Embedded> {
  try {
    return await openDirectory(path.resolve(dataDir), options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataDirectoryError(`The data directory ${dataDir} cannot be used: ${reason}.`, { cause: error });
  }
}

async function openDirectory(
  dataDir: string,
  { epoch, now, outlet, log }: { epoch: string; now: () => number; outlet: Outlet; log: Log },
): Promise<Embedded> {
  prepareDirectory(dataDir);
  const file = path.join(dataDir, 'parley.mdb');
  requireDatabase(file);
  const root = openRoot(file);
  const closing = [() => root.close()];
  try {
    closing.push(await claim(dataDir, root, root.openDB<Holder, string>('holder', {})));
    checkFormat(root.openDB<number, string>('format', {}));
    return createEmbedded(root, closing, { epoch, now, outlet }, createWriter(root, now, outlet, log));
  } catch (error) {
    for (const close of closing) await close();
    throw error;
  }
}

function prepareDirectory(dataDir: string): void {
  if (existsSync(dataDir) && !statSync(dataDir).isDirectory()) throw new Error('it is no directory');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  accessSync(dataDir, constants.R_OK | constants.W_OK);
}

const MAGIC = Buffer.from('dec0efbe', 'hex');

/** Refuses a file that is something else: lmdb would take the whole process down with it. */
function requireDatabase(file: string): void {
  if (!existsSync(file) || statSync(file).size === 0) return;
  const head = Buffer.alloc(64);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, head);
  closeSync(descriptor);
  if (!head.includes(MAGIC) && !head.includes(Buffer.from(MAGIC).reverse()))
    throw new Error(`${path.basename(file)} in it is no database`);
}

const openRoot = (file: string): RootDatabase =>
  open({
    path: file,
    noSubdir: true,
    maxDbs: 64,
    // A commit is acknowledged when it is on the disk, not when it is merely visible.
    overlappingSync: false,
    // Steps are batched by the writer; lmdb's own batches leave a rejected promise behind when a commit fails.
    eventTurnBatching: false,
    encoder: { useRecords: false },
  });

function checkFormat(formats: Database<number, string>): void {
  const found = formats.get('format');
  if (found === undefined) formats.putSync('format', FORMAT);
  else if (found !== FORMAT) throw new Error(`it holds data of format ${found}, this version of Parley reads format ${FORMAT}`);
}

function createEmbedded(
  root: RootDatabase,
  closing: readonly (() => Promise<void>)[],
  given: Pick<Embedded, 'epoch' | 'now' | 'outlet'>,
  writer: Writer,
): Embedded {
  const tables = openTables(root);
  let closed: Promise<void> | null = null;

  async function close(): Promise<void> {
    await writer.close();
    for (const each of closing) await each();
  }

  return {
    ...given,
    tables,
    write: (work) => writer.write(work),
    async read(look) {
      if (closed) throw unavailable();
      return look();
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}
