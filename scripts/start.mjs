// npm start: whatever is still to be done after a fresh clone, then the server. Until the packages are installed only Node's own modules
// can be used here.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const OLDEST = [20, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  fail(`Parley needs Node.js ${OLDEST.join('.')} or later; this is ${process.versions.node}. See https://nodejs.org`);
} else {
  await start().catch((error) => fail(error.message));
}

async function start() {
  const { root, run, say } = await import('./tools.mjs');
  const { installDependencies } = await import('./dependencies.mjs');
  const { isStale } = await import('./build.mjs');
  const main = path.join(root, 'dist', 'main.js');
  const stale = !existsSync(main) || (await isStale());
  // Building takes the development packages, also where NODE_ENV=production would leave them out.
  await installDependencies({ dev: stale });
  if (stale) {
    say('Building ...');
    // In a process of its own: bundlers change the environment (NODE_ENV) that the server reads.
    await run(process.execPath, [path.join(root, 'scripts', 'build.mjs')], { cwd: root });
  }
  // In this very process, so that signals reach it.
  await import(pathToFileURL(main).href);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
