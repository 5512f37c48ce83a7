import { execFile } from 'node:child_process';
import { cpus, totalmem, type } from 'node:os';
import { promisify } from 'node:util';

/** Where figures were taken. */
export interface Machine {
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly redis: string;
}

/** This machine, and the Redis that the benchmarks start. */
export async function describeMachine(): Promise<Machine> {
  const { stdout } = await promisify(execFile)(process.env.TEST_REDIS_SERVER ?? 'redis-server', ['--version']);
  return {
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: type(),
    node: process.versions.node,
    redis: /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown',
  };
}

/** The machine in one line. */
export const machineLine = ({ cores, memoryGiB, system, node, redis }: Machine): string =>
  `${cores} cores, ${memoryGiB} GiB, ${system}, Node.js ${node}, Redis ${redis}`;
