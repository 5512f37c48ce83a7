// Finds the nginx and the haproxy that the tests put in front of Parley, or fetches them. As a program: prints their paths.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { aptInstall, aptUnpack, isExecutable, isRoot, onPath, root, run, say, wrapUnpacked } from './tools.mjs';

const CACHE = path.join(root, '.cache', 'proxies');
// Where systems put them that leave them out of everybody's PATH.
const FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', CACHE];
const PROXIES = {
  nginx: { oldest: [1, 20], version: ['-v'] },
  haproxy: { oldest: [2, 4], version: ['-v'] },
};

/**
 * The paths of both: TEST_NGINX and TEST_HAPROXY, else what is installed, else from `.cache/proxies`, which is filled from Debian's packages where
 * there are any. Rejects with what to do where one cannot be had.
 */
export async function proxies() {
  const [nginx, haproxy] = await Promise.all([named('nginx', 'TEST_NGINX'), named('haproxy', 'TEST_HAPROXY')]);
  if (nginx && haproxy) return { nginx, haproxy };
  const all = async () => ({ nginx: nginx ?? (await found('nginx')), haproxy: haproxy ?? (await found('haproxy')) });
  const installed = await all();
  return installed.nginx && installed.haproxy ? installed : fetched(all);
}

async function named(name, variable) {
  const file = process.env[variable];
  if (!file) return null;
  if (await isUsable(name, file)) return file;
  throw new Error(`${variable} names ${file}, which is no ${name} ${PROXIES[name].oldest.join('.')} or later.`);
}

async function found(name) {
  for (const file of [onPath(name), ...FOLDERS.map((folder) => path.join(folder, name))]) {
    if (file !== null && (await isUsable(name, file))) return file;
  }
  return null;
}

async function isUsable(name, file) {
  if (!isExecutable(file)) return false;
  const { oldest, version } = PROXIES[name];
  const text = await run(file, version).catch(() => '');
  const [, major, minor] = /(\d+)\.(\d+)\./.exec(text) ?? [];
  return Number(major) > oldest[0] || (Number(major) === oldest[0] && Number(minor) >= oldest[1]);
}

async function fetched(all) {
  const ways = [];
  if (onPath('apt-get') && onPath('dpkg-deb')) {
    ways.push(unpack);
    if (isRoot) ways.push(() => aptInstall('nginx', 'haproxy'));
  }
  const faults = [];
  for (const way of ways) {
    try {
      await way();
      const { nginx, haproxy } = await all();
      if (nginx && haproxy) return { nginx, haproxy };
    } catch (error) {
      faults.push(error.message);
    }
  }
  throw new Error(
    [
      'The tests need nginx (1.20 or later) and haproxy (2.4 or later). Install them:',
      '  Debian, Ubuntu: apt-get install nginx haproxy    macOS: brew install nginx haproxy    Alpine: apk add nginx haproxy',
      'or name them: TEST_NGINX=/path/to/nginx TEST_HAPROXY=/path/to/haproxy npm test',
      ...faults,
    ].join('\n'),
  );
}

async function unpack() {
  say("nginx, haproxy: not installed, fetching Debian's into .cache/proxies ...");
  await aptUnpack(CACHE, 'nginx', 'haproxy');
  for (const name of Object.keys(PROXIES)) await wrapUnpacked(CACHE, `usr/sbin/${name}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(Object.values(await proxies()).join('\n'));
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
