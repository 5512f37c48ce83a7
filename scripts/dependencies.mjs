import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root, run, say } from './tools.mjs';

/**
 * Makes node_modules what package-lock.json says, by `npm ci` where it is not. With `dev`, the development
 * packages too; without, they may be there or not.
 */
export async function installDependencies({ dev }) {
  if (await installed(dev)) return;
  say('Installing the packages of package-lock.json ...');
  const args = ['ci', ...(dev ? ['--include=dev'] : ['--omit=dev']), '--no-audit', '--no-fund', '--loglevel=error'];
  await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { cwd: root });
}

async function installed(dev) {
  const wanted = await packages('package-lock.json');
  const present = await packages(path.join('node_modules', '.package-lock.json')).catch(() => ({}));
  return Object.entries(wanted).every(([name, { version, optional, dev: forDev, link }]) => {
    if (name === '' || link || (forDev && !dev)) return true;
    const found = present[name];
    // Optional packages are those of other systems.
    return found === undefined ? Boolean(optional) : found.version === version;
  });
}

async function packages(file) {
  return JSON.parse(await readFile(path.join(root, file), 'utf8')).packages;
}
