// npm test: all that has to be right before a change is. With arguments (npm test -- test/unit) only those test files.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { installDependencies } from './dependencies.mjs';
import { leftovers } from './leftovers.mjs';
import { root } from './tools.mjs';

const files = process.argv.slice(2);
const results = path.join(root, 'test-results');
const report = path.join(results, 'report.json');
const mark = `parley-test-${randomUUID()}`;
const count = { passed: 0, failed: 0 };
let current = null;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    process.exitCode = 1;
    if (current === null) process.exit();
    process.kill(-current.pid, signal);
  });
}

await rm(results, { recursive: true, force: true });
await mkdir(results, { recursive: true });

const ready =
  (await prepare('packages', () => installDependencies({ dev: true }))) &&
  (await prepare('build', () => program('scripts/build.mjs'))) &&
  (await prepare('redis-server', () => program('scripts/redis-binary.mjs'))) &&
  (await prepare('nginx and haproxy', () => program('scripts/proxies.mjs'))) &&
  (await prepare('chromium', () => program('scripts/chromium.mjs')));
if (ready && files.length === 0) {
  await check('types', () => program('node_modules/typescript/bin/tsc', '-p', '.'));
  await check('lint', () => program('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'));
}
if (ready && process.exitCode !== 1) await tests();

console.log('');
const line = `${count.passed} passed, ${count.failed} failed`;
await writeFile(path.join(results, 'counts'), `${line}\n`);
console.log(line);
if (count.failed > 0 || count.passed === 0) process.exitCode = 1;

/** Counts as one check. */
async function check(name, work) {
  count[(await step(name, work)) ? 'passed' : 'failed'] += 1;
}

/** What the checks need: worth no count unless it fails. */
async function prepare(name, work) {
  const done = await step(name, work);
  if (!done) count.failed += 1;
  return done;
}

/** Returns whether the work was done. */
async function step(name, work) {
  const start = Date.now();
  console.log(`- ${name}`);
  const fault = await work().then(
    () => null,
    (error) => error,
  );
  const seconds = `${((Date.now() - start) / 1000).toFixed(1)} s`;
  console.log(fault === null ? `  ok, ${seconds}` : `  FAILED after ${seconds}: ${fault.message}`);
  return fault === null;
}

/** Runs one of the project's programs with the output of this one. It has a session of its own, so that what it leaves behind can be told. */
function program(script, ...args) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, TEST_RUN: mark };
    current = spawn(process.execPath, [path.join(root, script), ...args], {
      ...{ cwd: root, env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] },
    });
    const { pid } = current;
    current.once('error', reject);
    current.once('exit', (code, signal) => {
      current = null;
      if (code === 0) resolve(pid);
      else reject(Object.assign(new Error(`${path.basename(script)} ended with ${code ?? signal}`), { pid }));
    });
  });
}

async function tests() {
  const start = Date.now();
  console.log('- tests');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { pid, fault } = await program('node_modules/vitest/vitest.mjs', ...args, ...files).then(
    (pid) => ({ pid, fault: null }),
    (error) => ({ pid: error.pid, fault: error.message }),
  );
  const { passed, failed } = await counted();
  // A run that ends badly without a failed test is a failure all the same.
  count.passed += passed;
  count.failed += fault !== null && failed === 0 ? 1 : failed;
  console.log(`  ${fault ?? 'ok'}, ${((Date.now() - start) / 1000).toFixed(1)} s`);
  await check('nothing left running', () => nothingLeft(pid));
}

/** The tests of the report. What did not run has not passed. */
async function counted() {
  const json = await readFile(report, 'utf8').then(JSON.parse, () => null);
  let passed = 0;
  let failed = 0;
  for (const file of json?.testResults ?? []) {
    const good = file.assertionResults.filter((test) => test.status === 'passed').length;
    const bad = file.assertionResults.length - good;
    passed += good;
    failed += file.status === 'failed' && bad === 0 ? 1 : bad;
  }
  return { passed, failed };
}

async function nothingLeft(session) {
  const left = await leftovers(mark, session);
  if (left.length > 0) throw new Error(`the tests left these behind (ended now):\n${left.join('\n')}`);
}
