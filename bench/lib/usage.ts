import { z } from 'zod';
import type { Answers, Remote } from './remote.ts';

const usage = z.object({ cpuMicros: z.number(), atMicros: z.number() });
const memory = z.object({ rssBytes: z.number(), heapBytes: z.number() });

/** CPU time (user and system) of a process, and when it was read. */
export type Usage = z.infer<typeof usage>;

/** Memory of a process after a garbage collection. */
export type Memory = z.infer<typeof memory>;

/** CPU used between two readings. */
export interface Spent {
  readonly cpuMicros: number;
  readonly wallMicros: number;
}

export const readUsage = (): Usage => {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system, atMicros: performance.now() * 1000 };
};

function readMemory(): Memory {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed };
}

/** Makes a process tell what it uses: from itself, so that nothing of the machine's other work gets in. */
export const usageAnswers: Answers = { usage: readUsage, memory: readMemory };

export const usageOf = (remote: Remote): Promise<Usage> => remote.call('usage', null, usage);

export const memoryOf = (remote: Remote): Promise<Memory> => remote.call('memory', null, memory);

export const between = (from: Usage, to: Usage): Spent => ({
  cpuMicros: to.cpuMicros - from.cpuMicros,
  wallMicros: to.atMicros - from.atMicros,
});

/** How much of one core was used. */
export const shareOf = ({ cpuMicros, wallMicros }: Spent): number => cpuMicros / wallMicros;
