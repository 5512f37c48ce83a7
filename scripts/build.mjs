// npm run build: the server as dist/main.js and the web page in dist/web. Does nothing where dist is what the sources come to.
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, say } from './tools.mjs';

const DIST = path.join(root, 'dist');
const STAMP = 'built-from';
const SOURCES = ['src', 'web', 'package-lock.json', 'tsconfig.json', 'vite.config.ts', 'scripts/build.mjs'];

/** Whether dist is older than the sources, or not there. */
export async function isStale() {
  const built = await readFile(path.join(DIST, STAMP), 'utf8').catch(() => null);
  return built !== (await fingerprint());
}

/** Builds into a folder of its own and then puts that in place: a server that starts meanwhile never sees half of it. */
export async function build() {
  const work = path.join(root, 'node_modules', '.cache', `parley-build-${process.pid}`);
  const stamp = await fingerprint();
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    await Promise.all([buildServer(work), buildWeb(work)]);
    await writeFile(path.join(work, STAMP), stamp);
    await putInPlace(work);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function buildServer(out) {
  const { build: bundle } = await import('esbuild');
  await bundle({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    outfile: path.join(out, 'main.js'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
  });
  await cp(path.join(root, 'src/store/redis/lua'), path.join(out, 'lua'), { recursive: true });
}

async function buildWeb(out) {
  const { build: bundle } = await import('vite');
  // Tests build as well: what they try is what is served, not a page for developers.
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  await bundle({
    configFile: path.join(root, 'vite.config.ts'),
    root: path.join(root, 'web'),
    build: { outDir: path.join(out, 'web'), emptyOutDir: true },
    logLevel: 'warn',
  }).finally(() => {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  });
}

async function putInPlace(work) {
  const old = `${work}-old`;
  await rename(DIST, old).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
  try {
    await rename(work, DIST);
  } catch (error) {
    // Another process was faster, with the same.
    if (await isStale()) throw error;
  }
  await rm(old, { recursive: true, force: true });
}

/** Changes with every file that is added, removed or written to. */
async function fingerprint() {
  const hash = createHash('sha256');
  for (const source of SOURCES) for (const file of await filesOf(path.join(root, source))) hash.update(await describe(file));
  return hash.digest('hex');
}

async function describe(file) {
  const { size, mtimeMs } = await stat(file);
  return `${path.relative(root, file)} ${size} ${mtimeMs}\n`;
}

async function filesOf(source) {
  if ((await stat(source)).isFile()) return [source];
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (await isStale()) {
    say('Building ...');
    await build();
  }
}
