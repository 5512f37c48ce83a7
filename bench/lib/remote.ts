import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A process of ours and what it can be asked. */
export interface Remote {
  /** Asks, and checks the answer. Rejects with what the process says went wrong, or once it has ended. */
  call<T>(name: string, input: unknown, answer: z.ZodType<T>): Promise<T>;
  /** Ends it at once. */
  stop(): Promise<void>;
}

const reply = z.object({ id: z.number(), value: z.unknown().optional(), error: z.string().optional() });
const question = z.object({ id: z.number(), name: z.string(), input: z.unknown() });

/** What a process answers to. */
export type Answers = Readonly<Record<string, (input: unknown) => unknown>>;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Starts one of the benchmarks' programs. It has its own garbage collection at command, and ends with this process. */
export function startRemote(program: string, env: Readonly<Record<string, string>> = {}): Remote {
  const child = fork(fileURLToPath(new URL(`./${program}.js`, import.meta.url)), [], {
    execArgv: ['--expose-gc', '--enable-source-maps'],
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env },
    serialization: 'advanced',
    // Results go to standard output; what a server has to say does not belong there.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let ended: Error | null = null;

  child.on('message', (message) => {
    const { id, value, error } = reply.parse(message);
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) waiter?.resolve(value);
    else waiter?.reject(new Error(`${program}: ${error}`));
  });
  child.once('exit', (code, signal) => {
    ended = new Error(`${program} ended with ${code ?? signal}`);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  });

  return {
    async call(name, input, answer) {
      if (ended !== null) throw ended;
      asked += 1;
      const id = asked;
      const value = await new Promise<unknown>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        child.send({ id, name, input });
      });
      return answer.parse(value);
    },
    async stop() {
      if (ended !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Answers the process that started this one; ends with it. */
export function answerCalls(answers: Answers): void {
  process.on('message', async (message) => {
    const { id, name, input } = question.parse(message);
    try {
      process.send?.({ id, value: await answers[name]?.(input) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
}
