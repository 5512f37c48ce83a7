// Finds the redis-server that the tests start, or fetches one. As a program: prints its path.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { aptInstall, aptUnpack, isExecutable, isRoot, onPath, root, run, say, wrapUnpacked } from './tools.mjs';

const CACHE = path.join(root, '.cache', 'redis');
const OLDEST = 7;

/**
 * The path of a Redis (or Valkey) server of version 7 or later: TEST_REDIS_SERVER, else from PATH, else from `.cache/redis`,
 * which is filled from Debian's packages where there are any. Rejects with what to do where none can be had.
 */
export async function redisBinary() {
  const named = process.env.TEST_REDIS_SERVER;
  if (named) {
    if (await isUsable(named)) return named;
    throw new Error(`TEST_REDIS_SERVER names ${named}, which is no redis-server ${OLDEST} or later.`);
  }
  return (await found()) ?? (await fetched());
}

async function found() {
  for (const file of [onPath('redis-server'), onPath('valkey-server'), path.join(CACHE, 'redis-server')]) {
    if (file !== null && (await isUsable(file))) return file;
  }
  return null;
}

async function isUsable(file) {
  if (!isExecutable(file)) return false;
  const version = await run(file, ['--version']).catch(() => '');
  return Number(/v=(\d+)/.exec(version)?.[1] ?? 0) >= OLDEST;
}

async function fetched() {
  const ways = [];
  if (onPath('apt-get') && onPath('dpkg-deb')) {
    ways.push(unpack);
    if (isRoot) ways.push(() => aptInstall('redis-server'));
  }
  const faults = [];
  for (const way of ways) {
    try {
      await way();
      const file = await found();
      if (file !== null) return file;
    } catch (error) {
      faults.push(error.message);
    }
  }
  throw new Error(
    [
      `The tests need a redis-server (version ${OLDEST} or later) and there is none. Install one:`,
      '  Debian, Ubuntu: apt-get install redis-server    macOS: brew install redis    Alpine: apk add redis    Fedora: dnf install valkey',
      'or name one: TEST_REDIS_SERVER=/path/to/redis-server npm test',
      ...faults,
    ].join('\n'),
  );
}

async function unpack() {
  say("Redis: none on PATH, fetching Debian's into .cache/redis ...");
  await aptUnpack(CACHE, 'redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1');
  await wrapUnpacked(CACHE, 'usr/bin/redis-server');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(await redisBinary());
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
