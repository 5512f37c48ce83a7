import type { Client } from 'urql';
import { SinceQuery } from '../rooms/documents.ts';
import type { Heard, Since } from './notifier.ts';

/** How many pages to read: what lies further ahead than that is not told of one by one. */
const MOST_PAGES = 5;

/** Reads from the server what came after a message, or all from the first on. */
export function readSince(client: Client): Since {
  return async (roomId, from) => {
    const heard: Heard[] = [];
    let after = from;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { data } = await client.query(SinceQuery, { roomId, after }, { requestPolicy: 'network-only' });
      const messages = data?.room?.messages;
      if (!messages) return null;
      heard.push(...messages.nodes);
      if (!messages.pageInfo.hasNextPage) break;
      after = messages.pageInfo.endCursor;
    }
    return heard;
  };
}
