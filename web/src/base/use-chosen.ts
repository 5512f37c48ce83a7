import { type KeyboardEvent, useId, useState } from 'react';

/** A list one goes through by keys while the focus stays in the field above it. */
export interface Chosen {
  readonly listId: string;
  readonly idOf: (index: number) => string;
  /** The chosen entry; -1 where there is none. */
  readonly at: number;
  readonly chooseFirst: () => void;
  /** Answers whether the key was meant for the list. */
  readonly onKey: (event: KeyboardEvent) => boolean;
}

const ENTER = ['Enter'];

/** Which entry is chosen: the arrow keys go on to another, one of `pickKeys` picks it. */
export function useChosen<T>(entries: readonly T[], onPick: (entry: T) => void, pickKeys: readonly string[] = ENTER): Chosen {
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const idOf = (index: number) => `${listId}-${index}`;
  // Other entries may have come, and fewer.
  const at = Math.min(chosen, entries.length - 1);
  const goOn = (step: number) => {
    const next = (at + step + entries.length) % entries.length;
    setChosen(next);
    document.getElementById(idOf(next))?.scrollIntoView({ block: 'nearest' });
  };
  const onKey = (event: KeyboardEvent): boolean => {
    const entry = entries[at];
    // While an input method composes, keys pick words.
    if (entry === undefined || event.nativeEvent.isComposing) return false;
    if (event.key === 'ArrowDown') goOn(1);
    else if (event.key === 'ArrowUp') goOn(-1);
    else if (pickKeys.includes(event.key)) onPick(entry);
    else return false;
    event.preventDefault();
    return true;
  };
  return { listId, idOf, at, chooseFirst: () => setChosen(0), onKey };
}
