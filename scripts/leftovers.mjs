import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const GRACE_MS = 5000;

/**
 * The processes that carry `TEST_RUN=mark` in their environment or belong to the session, as lines of text. Those that are just
 * ending get a few seconds for it; the others are killed. Linux only: elsewhere there is no telling, and the answer is none.
 */
export async function leftovers(mark, session) {
  if (process.platform !== 'linux') return [];
  const until = Date.now() + GRACE_MS;
  let found = await search(mark, session);
  while (found.length > 0 && Date.now() < until) {
    await delay(100);
    found = await search(mark, session);
  }
  for (const { pid } of found) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
  }
  return found.map(({ pid, text }) => `  ${pid} ${text}`);
}

async function search(mark, session) {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const all = await Promise.all(pids.map((pid) => look(pid, mark, session).catch(() => null)));
  return all.filter((one) => one !== null);
}

/** Null for a process that is none of ours, or none any more. */
async function look(pid, mark, session) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [state, , , itsSession] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z') return null;
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  if (Number(itsSession) !== session && !environment.includes(`TEST_RUN=${mark}`)) return null;
  const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
  return { pid: Number(pid), text: command || (await readlink(`/proc/${pid}/exe`)) };
}
