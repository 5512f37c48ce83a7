import type { Rate } from '../ports/rate-limits.ts';
import type { Store } from '../ports/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Hasher } from './hasher.ts';

/** The settings that services obey; the process's configuration has all of them, with their defaults and meaning. */
export interface ServiceSettings {
  /** Name of the room everyone who signs up joins; '' for none. */
  readonly defaultRoom: string;
  /** Whether to fill a store that has none with demo data. */
  readonly demo: boolean;
  /** How long "is typing" lasts, in ms. */
  readonly typingMs: number;
  readonly limits: {
    readonly history: number;
    readonly directHistory: number;
    readonly sessionMs: number;
    readonly sessionsPerUser: number;
    readonly roomsPerUser: number;
    readonly emojisPerMessage: number;
    readonly membersAtCreation: number;
    readonly page: number;
  };
  readonly rates: {
    readonly send: Rate;
    readonly write: Rate;
    readonly typing: Rate;
    readonly read: Rate;
    readonly signInAccount: Rate;
    readonly signInAddress: Rate;
    readonly signUpAddress: Rate;
  };
}

/** What every service is made of. */
export interface Deps {
  readonly store: Store;
  readonly config: ServiceSettings;
  readonly hasher: Hasher;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** How many timeline entries a room keeps: direct rooms have a setting of their own. */
export const keepOf = (config: ServiceSettings, roomId: string): number =>
  roomId.startsWith('d') ? config.limits.directHistory : config.limits.history;
