import type { Link } from './link.ts';
import type { Scripts } from './scripts.ts';

/** What the ports of this store are made of. */
export interface Parts {
  readonly scripts: Scripts;
  /** For writes. */
  readonly writer: Link;
  /** For reads, which do not wait behind scripts that write. */
  readonly reader: Link;
  /** Whether a room and a user may lie on different servers: then no one step can work on both. */
  readonly sharded: boolean;
  /** Something stored cannot be read and is passed over. */
  readonly unreadable: (where: string) => void;
}
