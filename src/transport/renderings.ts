import type { ExecutionResult } from 'graphql';
import type { Prepared } from './documents.ts';
import type { Sharing } from './sharing.ts';

/** One event as one group of subscriptions is shown it. */
export interface Rendering {
  /** The result as JSON, each character one byte of its UTF-8; null until it is there. */
  readonly payload: string | null;
  /** Whether something beside the event was read to make it: then a reader's membership must be judged again before it is shown. */
  readonly readBeside: boolean;
  /** Calls once the payload is there. */
  whenDone(call: () => void): void;
}

/** Executes a group's operation on an event, for no viewer in particular. Tells `onBeside` of anything read beside the event. */
export type ShareExecution = (
  prepared: Prepared,
  sharing: Sharing,
  event: unknown,
  onBeside: () => void,
) => Promise<ExecutionResult>;

/** UTF-8 in a string of one-byte characters: joining and writing such strings moves bytes and encodes nothing. */
export const toWire = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Results made once for each event and group, and held no longer than the event itself. */
export function createRenderings(execute: ShareExecution) {
  const made = new WeakMap<object, Map<string, Rendering>>();

  function make(prepared: Prepared, sharing: Sharing, event: object): Rendering {
    const calls: (() => void)[] = [];
    const rendering = {
      payload: null as string | null,
      readBeside: false,
      whenDone(call: () => void) {
        if (rendering.payload === null) calls.push(call);
        else call();
      },
    };
    const onBeside = () => {
      rendering.readBeside = true;
    };
    void execute(prepared, sharing, event, onBeside).then((result) => {
      rendering.payload = toWire(JSON.stringify(result));
      for (const call of calls) call();
    });
    return rendering;
  }

  function find(prepared: Prepared, sharing: Sharing, event: object): Rendering {
    let byGroup = made.get(event);
    if (!byGroup) {
      byGroup = new Map();
      made.set(event, byGroup);
    }
    let rendering = byGroup.get(sharing.key);
    if (!rendering) {
      rendering = make(prepared, sharing, event);
      byGroup.set(sharing.key, rendering);
    }
    return rendering;
  }

  // An event is offered to all subscribers of its room one after the other, and most of them belong to one group.
  let last: { readonly event: object; readonly key: string; readonly rendering: Rendering } | null = null;

  return {
    /** The rendering of an event for a group: started by the first who asks, shared by the rest. */
    of(prepared: Prepared, sharing: Sharing, event: object): Rendering {
      if (last === null || last.event !== event || last.key !== sharing.key)
        last = { event, key: sharing.key, rendering: find(prepared, sharing, event) };
      return last.rendering;
    },
  };
}

/** See {@link createRenderings}. */
export type Renderings = ReturnType<typeof createRenderings>;
