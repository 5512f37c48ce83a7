/**
 * A place in a room's sequence of events. `number` counts 1..N without a hole; `epoch` names the run of the
 * store process that handed the number out, because a run that lost writes hands numbers out again.
 */
export interface Position {
  /** 12 lower-case hex digits: the name of one unbroken run of the store. */
  readonly epoch: string;
  /** The number of the last event at or before this place; 0 before the first. */
  readonly number: number;
  /**
   * Set inside a replay: the number the replay was complete up to. A replay shows each message once, in its present state, so a change that came before
   * `number` may be part of a state shown only further on. Should the store lose that state, this place is lost with it.
   */
  readonly through?: number;
}

const CURSOR = /^([0-9a-f]{12})\.(0|[1-9][0-9]{0,15})(?:\.([1-9][0-9]{0,15}))?$/;

/** The cursor that clients see. Opaque to them; it carries no authority. */
export const toCursor = ({ epoch, number, through = number }: Position): string =>
  through > number ? `${epoch}.${number}.${through}` : `${epoch}.${number}`;

/** The position a cursor names, or null where the text is no cursor. Never throws. */
export function parseCursor(cursor: string): Position | null {
  const match = CURSOR.exec(cursor);
  if (!match) return null;
  const number = Number(match[2]);
  const through = Number(match[3] ?? match[2]);
  if (!Number.isSafeInteger(number) || !Number.isSafeInteger(through)) return null;
  return through > number ? { epoch: match[1] ?? '', number, through } : { epoch: match[1] ?? '', number };
}

/** The greatest number that must still be in the store for the position to hold. */
export const claims = ({ number, through = number }: Position): number => Math.max(number, through);

/** The cursor of one timeline entry, shown in the state it had when the room stood at `seenAt`: it is lost when that state is. */
export const entryCursor = (seenAt: Position, entry: { readonly number: number; readonly changed: number }): string =>
  toCursor({ epoch: seenAt.epoch, number: entry.number, through: Math.max(claims(seenAt), entry.changed) });

/** Whether both name the same place of the same run. */
export const samePosition = (a: Position, b: Position): boolean => a.epoch === b.epoch && a.number === b.number;

/** Where an ended epoch stopped: its name and the last number it handed out that the store still has. */
export interface EpochEnd {
  readonly epoch: string;
  readonly last: number;
}

/**
 * Whether a cursor names an event that the store no longer has: it lies beyond the end of its epoch, or its epoch
 * left no trace. The rule is that of Kafka's leader epochs (KIP-101): each epoch remembers where it ended.
 *
 * @param cursor the position to check
 * @param head where the room stands now
 * @param ended the room's earlier epochs, oldest first
 */
export function isForked(cursor: Position, head: Position, ended: readonly EpochEnd[]): boolean {
  if (cursor.epoch === head.epoch) return claims(cursor) > head.number;
  const end = ended.find((each) => each.epoch === cursor.epoch);
  return end === undefined || claims(cursor) > end.last;
}
