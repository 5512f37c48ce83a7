import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { rateLimited } from '../domain/errors.ts';

/** Argon2id at OWASP's minimum. Changing it makes every account's hash be renewed at its next sign-in. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const PREFIX = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$`;

/** Slow hashing of passwords, a few at a time: a flood of sign-ins queues here, boundedly, instead of taking all memory and cores. */
export interface Hasher {
  /** The password's hash in PHC string form. Throws RATE_LIMITED where too many wait. */
  hash(password: string): Promise<string>;
  /** Whether the password has that hash; a hash of null costs the same and never matches. Throws RATE_LIMITED where too many wait. */
  verify(passwordHash: string | null, password: string): Promise<boolean>;
  /** Whether the hash was made with other parameters than new ones are. */
  isOutdated(passwordHash: string): boolean;
}

/** A well-formed hash of nothing: checking against it costs what any check costs, so a missing account cannot be told by the time taken. */
function hashOfNothing(): string {
  const text = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '');
  return `${PREFIX}${text(16)}$${text(32)}`;
}

/** @param limits how many hashes run at once, and how many may wait */
export function createHasher(limits: { readonly concurrent: number; readonly waiting: number }): Hasher {
  const queue = createQueue(limits);
  const nothing = hashOfNothing();
  return {
    hash: (password) => queue(() => hash(password, COST)),
    verify: (passwordHash, password) =>
      queue(async () => (await verify(passwordHash ?? nothing, password)) && passwordHash !== null),
    isOutdated: (passwordHash) => !passwordHash.startsWith(PREFIX),
  };
}

function createQueue({ concurrent, waiting }: { readonly concurrent: number; readonly waiting: number }) {
  const line: (() => void)[] = [];
  let running = 0;
  let lastMs = 50;
  return async <T>(run: () => Promise<T>): Promise<T> => {
    if (running >= concurrent) {
      if (line.length >= waiting) throw rateLimited(((line.length + 1) * lastMs) / concurrent);
      // Whoever finishes hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => line.push(resolve));
    } else running += 1;
    const started = performance.now();
    try {
      return await run();
    } finally {
      lastMs = performance.now() - started;
      const next = line.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
