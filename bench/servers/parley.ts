import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { answerCalls } from '../lib/remote.ts';
import { usageAnswers } from '../lib/usage.ts';

// Parley as it is, with all it does; only what one user and one address may do is raised, since all the load comes from one place.

const plenty = '1000000/s:1000000';
const config = readConfig({
  PORT: '0',
  PARLEY_LOG_LEVEL: 'warn',
  PARLEY_RATE_SEND: plenty,
  PARLEY_RATE_READ: plenty,
  PARLEY_SOCKETS_PER_USER: '100000',
  PARLEY_SOCKETS_PER_ADDRESS: '1000000',
  ...process.env,
});
const app = await createApp(config);
const { port } = await app.listen();
const delays = monitorEventLoopDelay({ resolution: 10 });
delays.enable();

/** The longest that the event loop was held up since this was asked for the last time, ms. */
function stall(): number {
  const longest = delays.max / 1e6;
  delays.reset();
  return longest;
}

answerCalls({ ...usageAnswers, port: () => port, stall });
