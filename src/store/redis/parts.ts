import type { Link } from './link.ts';
import type { Scripts } from './scripts.ts';

/** What the ports of this store are made of. */
export interface Parts {
  readonly scripts: Scripts;
  /** Sends each command at once, for writes. */
  readonly writer: Link;
  /** Sends the commands of one turn of the event loop together. */
  readonly reader: Link;
  /** Something stored cannot be read and is passed over. */
  readonly unreadable: (where: string) => void;
}
