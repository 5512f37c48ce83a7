import { createContext, use } from 'react';
import type { Api } from '../data/api.ts';
import type { Outbox } from '../room/outbox.ts';
import type { Presences } from '../rooms/presences.ts';
import type { Me } from './documents.ts';

/** What every part of the screen may use while somebody is signed in. */
export interface Here {
  readonly me: Me;
  readonly api: Api;
  readonly outbox: Outbox;
  readonly presences: Presences;
  /** Says something in passing, at the edge of the screen and aloud. */
  readonly toast: (text: string) => void;
}

export const HereContext = createContext<Here | null>(null);

/** What every part of the screen may use. Only below a signed-in page. */
export function useHere(): Here {
  const here = use(HereContext);
  if (here === null) throw new Error('used outside of a signed-in page');
  return here;
}
