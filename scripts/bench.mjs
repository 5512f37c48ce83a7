// npm run bench [-- names] [--quick] [--rounds n]: builds the benchmarks the way the server is built, and runs them.
import { rmSync } from 'node:fs';
import { cp, readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as buildSite, isStale } from './build.mjs';
import { installDependencies } from './dependencies.mjs';
import { redisBinary } from './redis-binary.mjs';
import { root } from './tools.mjs';

const FOLDER = path.join(root, 'node_modules', '.cache', 'parley-bench', String(process.pid));
const OUT = path.join(FOLDER, 'programs');

await installDependencies({ dev: true });
process.env.TEST_REDIS_SERVER = await redisBinary();
process.once('exit', () => rmSync(FOLDER, { recursive: true, force: true }));
// What was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
await build();
const { main } = await import(pathToFileURL(path.join(OUT, 'main.js')).href);
process.exitCode = await main(process.argv.slice(2), path.join(root, 'bench', 'results'));

/** All programs into one folder: code that is compiled on the fly runs slower than what is shipped. */
async function build() {
  const { build: bundle } = await import('esbuild');
  const servers = (await readdir(path.join(root, 'bench', 'servers'))).map((file) => `bench/servers/${file}`);
  await bundle({
    absWorkingDir: root,
    entryPoints: ['bench/main.ts', 'bench/load/generator.ts', ...servers],
    outdir: OUT,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
  });
  // Where a server of that folder looks for the web page.
  if (await isStale()) await buildSite();
  await cp(path.join(root, 'dist/web'), path.join(FOLDER, 'dist/web'), { recursive: true });
  await cp(path.join(root, 'src/store/redis/lua'), path.join(OUT, 'lua'), { recursive: true });
}
