/** How Redis is reached: exactly one of `url`, `clusterNodes` and `sentinels` is set; nodes are `host:port`. */
export interface RedisSettings {
  readonly url: string | null;
  readonly clusterNodes: readonly string[] | null;
  readonly sentinels: readonly string[] | null;
  /** The name by which Sentinel knows the master. */
  readonly sentinelMaster: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: boolean;
}

/** Where the store says what an operator should know. Never message text or credentials. */
export interface StoreLog {
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}

/** What the store tells about itself, for metrics. Calls are cheap and must not throw. */
export interface StoreObserve {
  /** Something unreadable was found and passed over: news on a channel, or an entry under a key. */
  onUnreadable?(where: string): void;
  /** The link to Redis went down (any of its connections) or is whole again. */
  onLink?(state: 'up' | 'down'): void;
}

/** What a Redis store is made of. */
export interface RedisStoreOptions {
  readonly redis: RedisSettings;
  readonly log: StoreLog;
  readonly observe?: StoreObserve;
  /** How long the start waits for Redis, in ms; default 10 s. */
  readonly startMs?: number;
}
