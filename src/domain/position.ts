/**
 * A place in a room's sequence of events. `number` counts 1..N without a hole; `epoch` names the run of the
 * store process that handed the number out, because a run that lost writes hands numbers out again.
 */
export interface Position {
  /** 12 lower-case hex digits: the start of the run id of the store process. */
  readonly epoch: string;
  /** The number of the last event at or before this place; 0 before the first. */
  readonly number: number;
}

const CURSOR = /^([0-9a-f]{12})\.(0|[1-9][0-9]{0,15})$/;

/** The cursor that clients see. Opaque to them; it carries no authority. */
export const toCursor = (position: Position): string => `${position.epoch}.${position.number}`;

/** The position a cursor names, or null where the text is no cursor. Never throws. */
export function parseCursor(cursor: string): Position | null {
  const match = CURSOR.exec(cursor);
  if (!match) return null;
  const number = Number(match[2]);
  return Number.isSafeInteger(number) ? { epoch: match[1] ?? '', number } : null;
}

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
  if (cursor.epoch === head.epoch) return cursor.number > head.number;
  const end = ended.find((each) => each.epoch === cursor.epoch);
  return end === undefined || cursor.number > end.last;
}
