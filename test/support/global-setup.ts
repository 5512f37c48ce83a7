import { redisBinary } from '../../scripts/redis-binary.mjs';

/** Before any test: without a Redis server there is no test run. */
export async function setup(): Promise<void> {
  await redisBinary();
}
