// Lighthouse on the built web page: the sign-in, and a room with history for somebody signed in; as a phone and as a desktop. Lighthouse is no package of
// this project: it wants Node.js 22 or later. In a folder of its own, then with that Node.js:
//   npm install lighthouse
//   node path/to/scripts/lighthouse.mjs path/to/that/folder [rounds]
// Prints the median of the rounds (3) and exits with 1 where a score is below what is promised.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, isStale } from './build.mjs';
import { chromium } from './chromium.mjs';
import { root, say } from './tools.mjs';

const PROMISED = { performance: 95, accessibility: 100, 'best-practices': 100 };
const TIMES = {
  'first-contentful-paint': 'FCP',
  'largest-contentful-paint': 'LCP',
  'total-blocking-time': 'TBT',
  'cumulative-layout-shift': 'CLS',
};
const HISTORY = 200;
const PASSWORD = 'parley-demo';

const [folder = '.', rounds = '3'] = process.argv.slice(2);
const require = createRequire(path.resolve(folder, 'package.json'));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { default: lighthouse, desktopConfig } = await load('lighthouse');
const { default: puppeteer } = await load('puppeteer-core');

if (await isStale()) await build();
const dataDir = await mkdtemp(path.join(tmpdir(), 'parley-lighthouse-'));
const server = spawn(process.execPath, [path.join(root, 'dist', 'main.js')], {
  env: { PATH: process.env.PATH, PORT: '0', PARLEY_DATA_DIR: dataDir, PARLEY_DEMO: 'on', PARLEY_RATE_SEND: '1000/s:1000' },
  stdio: ['ignore', 'ignore', 'pipe'],
});
const browser = await puppeteer.launch({ executablePath: await chromium(), args: ['--no-sandbox', '--disable-quic'] });
try {
  const url = await address();
  const { cookie, roomId } = await prepare(url);
  const pages = { 'sign-in': `${url}/`, 'room, signed in': `${url}/#/room/${roomId}` };
  for (const [name, target] of Object.entries(pages)) {
    for (const [device, config] of Object.entries({ phone: undefined, desktop: desktopConfig })) {
      const results = [];
      for (let round = 0; round < Number(rounds); round += 1) {
        results.push(await measure(target, config, name === 'sign-in' ? null : cookie));
        say(`${name}, ${device}, round ${round + 1}: ${JSON.stringify(results.at(-1))}`);
      }
      report(`${name}, ${device}`, results);
    }
  }
} finally {
  await browser.close();
  const gone = once(server, 'exit');
  server.kill();
  await gone;
  await rm(dataDir, { recursive: true });
}

async function address() {
  let told = '';
  for await (const text of server.stderr.setEncoding('utf8')) {
    told += text;
    const found = /Web page\s+(http\S+)\//.exec(told)?.[1];
    if (found) return found;
  }
  throw new Error(`the server did not start:\n${told}`);
}

/** Fills the room General, and signs in as a page does. */
async function prepare(url) {
  const post = async (query, headers = {}) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query }) };
    const response = await fetch(`${url}/graphql`, init);
    return { data: (await response.json()).data, cookie: response.headers.get('set-cookie') };
  };
  const signIn = (username) => `mutation { signIn(input: { username: "${username}", password: "${PASSWORD}" }) { token } }`;
  const bob = await post(signIn('bob'));
  const authorization = `Bearer ${bob.data.signIn.token}`;
  const { data } = await post('{ rooms(first: 1, search: "General") { nodes { id } } }', { authorization });
  const roomId = data.rooms.nodes[0].id;
  for (let number = 1; number <= HISTORY; number += 1) {
    const body = `Message ${number} is **as long** as most, with a word of \`code\`.`;
    await post(`mutation { sendMessage(input: { roomId: "${roomId}", body: "${body}" }) { __typename } }`, { authorization });
  }
  const alice = await post(signIn('alice'), { origin: url, 'parley-web-session': '1' });
  const [, name, value] = /^([^=]+)=([^;]+)/.exec(alice.cookie ?? '') ?? [];
  return { roomId, cookie: { name, value, domain: new URL(url).hostname, path: '/', httpOnly: true, sameSite: 'Strict' } };
}

/** Scores from 0 to 100, and times in ms. */
async function measure(target, config, cookie) {
  const context = await browser.createBrowserContext();
  if (cookie) await context.setCookie(cookie);
  const flags = { disableStorageReset: true, logLevel: 'error', onlyCategories: Object.keys(PROMISED) };
  const { lhr } = await lighthouse(target, flags, config, await context.newPage());
  await context.close();
  const scores = Object.keys(PROMISED).map((name) => [name, Math.round(lhr.categories[name].score * 100)]);
  const times = Object.entries(TIMES).map(([audit, name]) => [name, Number(lhr.audits[audit].numericValue.toFixed(3))]);
  return Object.fromEntries([...scores, ...times]);
}

function report(name, results) {
  const middle = (key) => results.map((result) => result[key]).sort((a, b) => a - b)[Math.floor(results.length / 2)];
  const found = Object.fromEntries(Object.keys(results[0]).map((key) => [key, middle(key)]));
  console.log(name.padEnd(26), JSON.stringify(found));
  for (const [category, least] of Object.entries(PROMISED)) if (found[category] < least) process.exitCode = 1;
}
