import { execFile } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';

/** Where figures were taken. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly redis: string;
}

/** This machine, and the Redis that the benchmarks start. */
export async function describeMachine(): Promise<Machine> {
  const all = cpus();
  const { stdout } = await promisify(execFile)(process.env.TEST_REDIS_SERVER ?? 'redis-server', ['--version']);
  return {
    cores: all.length,
    cpu: all[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    redis: /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown',
  };
}

/** The machine in one line. */
export const machineLine = ({ cores, cpu, memoryGiB, system, node, redis }: Machine): string =>
  `${cores} cores (${cpu}), ${memoryGiB} GiB, ${system}, Node.js ${node}, Redis ${redis}`;
