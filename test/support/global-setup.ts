import { build, isStale } from '../../scripts/build.mjs';
import { redisBinary } from '../../scripts/redis-binary.mjs';

/** Before any test: without a Redis server there is no test run, and the tests of whole processes run what is built. */
export async function setup(): Promise<void> {
  await redisBinary();
  // Here and not in those tests: two that build at once would take the folder away from each other. Where it fails, they do.
  if (await isStale()) await build().catch((error: unknown) => console.error(error));
}
