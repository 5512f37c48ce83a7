import { useEffect, useMemo } from 'react';
import { useClient } from 'urql';
import { latestOnly } from '../base/latest-only.ts';
import { useLookedAt } from '../base/visible.ts';
import { MarkReadMutation } from './documents.ts';

/** How long to rest between two receipts, in ms: where much comes, the last of it is enough. */
const REST_MS = 250;

/** Moves the viewer's receipt to the newest message, while there is something unread, that message is on the screen and someone can be looking. */
export function useMarkRead(roomId: string, messageId: string | undefined, unreadCount: number, atEnd: boolean): void {
  const client = useClient();
  const looking = useLookedAt();
  const mark = useMemo(
    () => latestOnly((id: string) => client.mutation(MarkReadMutation, { roomId, messageId: id }).toPromise(), REST_MS),
    [client, roomId],
  );
  useEffect(() => {
    if (!looking || !atEnd || messageId === undefined || unreadCount === 0) return;
    // Where it fails, the next message or the next count tries again.
    mark(messageId);
  }, [mark, messageId, unreadCount, looking, atEnd]);
}
