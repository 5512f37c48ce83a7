import { afterEach } from 'vitest';

const leftovers: (() => unknown)[] = [];

/** Has something ended after the test that made it, also when that test fails; the last made is ended first. */
export function endAfterTest(end: () => unknown): void {
  leftovers.push(end);
}

afterEach(async () => {
  for (const end of leftovers.splice(0).reverse()) await end();
});
