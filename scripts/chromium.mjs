// Finds the Chromium that the browser tests drive, or installs it. As a program: prints its path.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { aptInstall, isExecutable, isRoot, onPath, say } from './tools.mjs';

const MACOS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * The path of a Chromium or Chrome: TEST_CHROMIUM, else from PATH, else installed from Debian's packages as root.
 * The build without windows comes first: the same engine, for a quarter of the time that each new visitor costs.
 * Rejects with what to do where none can be had.
 */
export async function chromium() {
  const named = process.env.TEST_CHROMIUM;
  if (named) {
    if (isExecutable(named)) return named;
    throw new Error(`TEST_CHROMIUM names ${named}, which cannot be run.`);
  }
  return found() ?? (await installed());
}

function found() {
  const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return onPath(...names) ?? MACOS.find(isExecutable) ?? null;
}

async function installed() {
  const faults = [];
  // Ubuntu's package of that name only points to a snap, which does not run in containers.
  if (isRoot && onPath('apt-get') && existsSync('/etc/debian_version')) {
    say('Chromium: none on PATH, installing the package (60 MB or more) ...');
    for (const name of ['chromium-headless-shell', 'chromium']) {
      await aptInstall(name, 'fonts-dejavu-core', 'fonts-noto-color-emoji').catch((error) => faults.push(error.message));
      const file = found();
      if (file !== null) return file;
    }
  }
  throw new Error(
    [
      'The browser tests need Chromium or Chrome and there is none. Install one:',
      '  Debian: apt-get install chromium    macOS: brew install --cask chromium    Ubuntu: the package of google.com/chrome',
      'or name one: TEST_CHROMIUM=/path/to/chromium npm test',
      ...faults,
    ].join('\n'),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(await chromium());
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
