import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is read at the moment somebody asks, instead of being counted along. */
export interface Readings {
  /** Open WebSockets and event streams. */
  connections(): number;
  /** Running subscriptions. */
  subscriptions(): number;
  /** Bytes waiting in the queues of subscribers. */
  queueBytes(): number;
  /** Whether the store answers. */
  storeLink(): boolean;
}

/** How an operation ended: answered, answered with errors, or refused before it ran. */
export type Outcome = 'ok' | 'error' | 'refused';

/** What this process counts. Every call is cheap and never throws. */
export interface Metrics {
  eventIn(): void;
  eventOut(subscribers: number): void;
  gap(): void;
  replay(): void;
  reset(reason: string): void;
  slow(): void;
  unreadable(): void;
  socketRefused(reason: string): void;
  operation(kind: string, outcome: Outcome, seconds: number): void;
  /** Where gauges get their values; the last call holds. */
  read(readings: Readings): void;
  /** All of it in the Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** The metrics of one app, in a registry of its own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  let readings: Readings | null = null;

  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const labelled = <L extends string>(name: string, help: string, label: L) =>
    new Counter({ name, help, registers, labelNames: [label] });
  const gauge = (name: string, help: string, value: (from: Readings) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(readings === null ? 0 : value(readings));
      },
    });

  gauge('parley_connections', 'Open WebSockets and event streams.', (from) => from.connections());
  gauge('parley_subscriptions', 'Running subscriptions.', (from) => from.subscriptions());
  gauge('parley_queue_bytes', 'Bytes waiting in the queues of subscribers.', (from) => from.queueBytes());
  gauge('parley_store_link', '1 while the store answers, 0 while it does not.', (from) => (from.storeLink() ? 1 : 0));
  // The counts on the hottest path: plain numbers, handed over when somebody asks.
  let came = 0;
  new Counter({
    name: 'parley_events_in_total',
    help: 'Events that came from the store, live or by recovery.',
    registers,
    collect() {
      this.inc(came);
      came = 0;
    },
  });
  let delivered = 0;
  new Counter({
    name: 'parley_events_out_total',
    help: 'Deliveries queued for subscribers.',
    registers,
    collect() {
      this.inc(delivered);
      delivered = 0;
    },
  });
  const gaps = counter('parley_gaps_total', 'Times that events had been lost on the way and were read from the log.');
  const replays = counter('parley_replays_total', 'Replays read from the store.');
  const resets = labelled('parley_resets_total', 'Subscribers told to start over, by reason.', 'reason');
  const slow = counter('parley_slow_readers_total', 'Subscribers cut off for reading too slowly.');
  const unreadable = counter(
    'parley_unreadable_total',
    'Events and entries of the store that could not be read and were passed over.',
  );
  const refused = labelled('parley_sockets_refused_total', 'Sockets refused or closed at the start, by reason.', 'reason');
  const operations = new Histogram({
    name: 'parley_operation_seconds',
    help: 'Duration of operations; of a subscription, until it stands.',
    labelNames: ['kind', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });

  return {
    eventIn() {
      came += 1;
    },
    eventOut(subscribers) {
      delivered += subscribers;
    },
    gap: () => gaps.inc(),
    replay: () => replays.inc(),
    reset: (reason) => resets.inc({ reason }),
    slow: () => slow.inc(),
    unreadable: () => unreadable.inc(),
    socketRefused: (reason) => refused.inc({ reason }),
    operation: (kind, outcome, seconds) => operations.observe({ kind, outcome }, seconds),
    read(next) {
      readings = next;
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
