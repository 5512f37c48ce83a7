import { hash } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { createHasher } from '../../src/services/index.ts';

const wide = () => createHasher({ concurrent: 2, waiting: 50 });

/** How many standard deviations the ranks of `a` among both lie off the middle (Mann-Whitney): within 4 by chance in all but one of 15,000 tries. */
function rankScore(a: readonly number[], b: readonly number[]): number {
  const below = a.flatMap((x) => b.map((y): number => (x < y ? 1 : x === y ? 0.5 : 0))).reduce((sum, each) => sum + each, 0);
  const pairs = a.length * b.length;
  return (below - pairs / 2) / Math.sqrt((pairs * (a.length + b.length + 1)) / 12);
}

describe('hashing', () => {
  it('is Argon2id with the least OWASP allows, salted', async () => {
    const hasher = wide();
    const [one, two] = await Promise.all([hasher.hash('correct horse'), hasher.hash('correct horse')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await hasher.verify(one, 'correct horse')).toBe(true);
    expect(await hasher.verify(one, 'correct horsf')).toBe(false);
  });

  it('sees every character of a long password', async () => {
    const hasher = wide();
    const long = '\u{1f40e}'.repeat(127);
    const made = await hasher.hash(`${long}a`);
    expect(await hasher.verify(made, `${long}a`)).toBe(true);
    expect(await hasher.verify(made, `${long}b`)).toBe(false);
  });

  it('S18: a missing account cannot be told by the time the answer takes', async () => {
    const hasher = wide();
    const made = await hasher.hash('correct horse');
    const time = async (passwordHash: string | null) => {
      const start = performance.now();
      expect(await hasher.verify(passwordHash, 'wrong horse')).toBe(false);
      return performance.now() - start;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    // Taken in turns, so that whatever else the machine does falls on both alike.
    for (let round = 0; round < 40; round += 1) {
      known.push(await time(made));
      unknown.push(await time(null));
    }
    expect(Math.abs(rankScore(known, unknown))).toBeLessThan(4);
    expect(
      Math.abs(
        rankScore(
          known,
          known.map((ms) => ms / 10),
        ),
      ),
    ).toBeGreaterThan(4);
  });

  it('knows a hash of other parameters', async () => {
    const hasher = wide();
    expect(hasher.isOutdated(await hasher.hash('correct horse'))).toBe(false);
    expect(hasher.isOutdated(await hash('correct horse', { memoryCost: 8192, timeCost: 1, parallelism: 1 }))).toBe(true);
  });

  it('S20: runs a few at once, lets a few wait, and turns the rest away with how long to wait', async () => {
    const hasher = createHasher({ concurrent: 1, waiting: 2 });
    const all = await Promise.allSettled(Array.from({ length: 6 }, () => hasher.hash('correct horse')));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    for (const each of all) {
      if (each.status === 'fulfilled') continue;
      expect(each.reason).toMatchObject({ code: 'RATE_LIMITED' });
      expect(each.reason.retryAfterMs).toBeGreaterThan(0);
    }
    // The line is free again.
    expect(await hasher.hash('correct horse')).toMatch(/^\$argon2id/);
  });

  it('a failing run gives its place back', async () => {
    const hasher = createHasher({ concurrent: 1, waiting: 5 });
    await expect(hasher.verify('not a hash', 'x')).rejects.toThrow();
    expect(await hasher.verify(await hasher.hash('y'), 'y')).toBe(true);
  });
});
