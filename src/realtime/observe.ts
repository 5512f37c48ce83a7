import type { ResetReason } from '../domain/event.ts';

/** What the live side tells about itself, for metrics. Every call is cheap and must not throw. */
export interface Observe {
  /** An event came from the store, live or by recovery. */
  eventIn(): void;
  /** A delivery was handed to so many subscribers. */
  eventOut(subscribers: number): void;
  /** Events had been lost on the way and were read from the log. */
  gap(): void;
  /** The store was asked for a replay. */
  replay(): void;
  /** A subscriber was told to start over. */
  reset(reason: ResetReason): void;
  /** A reader was cut off for reading too slowly. */
  slow(): void;
}
