/** The path of a Redis (or Valkey) server of version 7 or later, fetched where there is none. Rejects with what to do where none can be had. */
export function redisBinary(): Promise<string>;
