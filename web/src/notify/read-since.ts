import type { Client } from 'urql';
import { SinceQuery } from '../rooms/documents.ts';
import type { Heard, Since } from './notifier.ts';

/** How many pages to read: what lies further ahead than that is not told of one by one. */
const MOST_PAGES = 5;

/** Reads from the server what came after a message. */
export function readSince(client: Client): Since {
  return async (roomId, from) => {
    const heard: Heard[] = [];
    for (let after = from, page = 0; after !== null && page < MOST_PAGES; page += 1) {
      const { data } = await client.query(SinceQuery, { roomId, after }, { requestPolicy: 'network-only' });
      const messages = data?.room?.messages;
      if (!messages) return null;
      heard.push(...messages.nodes);
      after = messages.pageInfo.hasNextPage ? messages.pageInfo.endCursor : null;
    }
    return from === null ? null : heard;
  };
}
