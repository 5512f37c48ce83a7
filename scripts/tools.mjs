// What the scripts share: finding and running programs, and getting packages on Debian and Ubuntu.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');
export const isRoot = process.getuid?.() === 0;

/** One line about what goes on, for work that takes its time. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** The full path of the first of these programs that PATH has, or null. */
export function onPath(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
      const file = path.join(folder, name);
      if (folder !== '' && isExecutable(file)) return file;
    }
  }
  return null;
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end; its output comes back in one piece. Rejects with that output where it fails. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output.slice(-2000)}`));
    });
  });
}

/** Installs Debian packages. Root only. No service they bring is started. */
export async function aptInstall(...packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const install = () =>
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages], { env });
  try {
    await install();
  } catch {
    // Most often there are no package lists yet, or they are out of date.
    await run('apt-get', ['update', '-q', '-o', 'DPkg::Lock::Timeout=300'], { env });
    await install();
  }
}

/**
 * Unpacks Debian packages, with whatever they need that this system lacks, into a folder. Needs no root and installs nothing:
 * apt checks the signatures, works in folders of its own and only downloads.
 */
export async function aptUnpack(folder, ...packages) {
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    const debs = path.join(work, 'archives');
    await mkdir(path.join(debs, 'partial'), { recursive: true });
    await download(work, debs, packages);
    const unpacked = path.join(work, 'unpacked');
    for (const name of await readdir(debs)) {
      if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', path.join(debs, name), unpacked]);
    }
    await rm(folder, { recursive: true, force: true });
    // One step, so that nobody ever sees half of it.
    await rename(unpacked, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Makes a program of a folder filled by `aptUnpack` one that runs from there, with the libraries beside it: a script of its name in that folder. */
export async function wrapUnpacked(folder, program) {
  const arch = (await run('dpkg', ['--print-architecture'])).trim();
  const triplet = { amd64: 'x86_64', arm64: 'aarch64' }[arch] ?? process.arch;
  const wrapper = path.join(folder, path.basename(program));
  // The folder may be moved with the project, so the wrapper asks where it lies.
  await writeFile(
    wrapper,
    [
      '#!/bin/sh',
      'here=$(dirname "$(readlink -f "$0")")',
      `libs="$here/usr/lib/${triplet}-linux-gnu:$here/lib/${triplet}-linux-gnu"`,
      `LD_LIBRARY_PATH="$libs\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/${program}" "$@"`,
      '',
    ].join('\n'),
  );
  await chmod(wrapper, 0o755);
}

async function download(work, debs, packages) {
  const lists = path.join(work, 'lists');
  await mkdir(path.join(lists, 'partial'), { recursive: true });
  const own = ['-o', 'APT::Sandbox::User=root', '-o', 'Debug::NoLocking=1', '-o', `Dir::Cache=${work}`];
  const get = async (...more) => {
    const output = await run('apt-get', [
      ...[...own, '-o', `Dir::Cache::archives=${debs}`, ...more],
      ...['install', '-y', '-q', '--no-install-recommends', '--reinstall', '--download-only', ...packages],
    ]);
    // For an installed package that it cannot find, apt only says so.
    const names = (await readdir(debs)).map((name) => name.split('_')[0]);
    const missing = packages.filter((name) => !names.includes(name));
    if (missing.length > 0) throw new Error(`apt-get did not download ${missing.join(', ')}:\n${output}`);
  };
  try {
    await get();
  } catch {
    const fresh = ['-o', `Dir::State::lists=${lists}`];
    // A source that cannot be reached is no harm as long as the packages come.
    await run('apt-get', [...own, ...fresh, 'update', '-q']).catch(() => {});
    await get(...fresh);
  }
}
