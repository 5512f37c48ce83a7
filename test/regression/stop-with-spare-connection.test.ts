import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { endAfterTest } from '../support/leftovers.ts';
import { startServer } from '../support/server.ts';

// Such connections used to hold every stop up to its limit: browsers open them in advance, and proxies keep them.
it('F2: a stop does not wait for connections on which nothing was ever asked', async () => {
  const server = await startServer();
  const spare = connect(Number(new URL(server.url).port), '127.0.0.1');
  endAfterTest(() => spare.destroy());
  await once(spare, 'connect');
  // The server has taken it too: what is asked after it is answered.
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  const gone = once(spare, 'close');
  const begun = performance.now();
  await server.close();
  await gone;
  expect(performance.now() - begun).toBeLessThan(4000);
});
