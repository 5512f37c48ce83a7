import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command } from 'ioredis';
import type { Client } from './clients.ts';
import type { Link } from './link.ts';
import { loadLua } from './lua-loader.ts';

/** Runs one script on a link: its reply as it comes. `work`: see {@link Link.run}. */
export type RunScript = (
  link: Link,
  keys: readonly string[],
  args?: readonly (string | number)[],
  work?: number,
) => Promise<unknown>;

// Resolved from this file in the source tree and from the bundle in dist/ alike: the folder lies beside both.
const readLua = (path: string): string => readFileSync(new URL(`./lua/${path}.lua`, import.meta.url), 'utf8');

/** The text of a script; `sharded`: as it is run on a cluster. */
export const scriptText = (name: string, sharded: boolean): string =>
  loadLua(name, readLua, sharded ? { publish: 'publish-sharded' } : {});

/** Prepares a script: sent by its hash, and whole where the server does not know it (yet, or any more). */
export function prepareScript(name: string, sharded: boolean): RunScript {
  const text = scriptText(name, sharded);
  const sha = createHash('sha1').update(text).digest('hex');

  return (link, keys, args = [], work = 1) => {
    return link.run(
      (client) => sendScript(client, 'evalsha', [sha, keys.length, ...keys, ...args]),
      // Refused before it ran, so this is no second execution.
      (client, error) =>
        error.message.startsWith('NOSCRIPT') ? sendScript(client, 'eval', [text, keys.length, ...keys, ...args]) : null,
      work,
    );
  };
}

// The client's own methods copy the arguments two times more.
function sendScript(client: Client, name: 'eval' | 'evalsha', args: (string | number)[]): Promise<unknown> {
  const command = new Command(name, args, { replyEncoding: 'utf8' });
  client.sendCommand(command);
  return command.promise;
}
