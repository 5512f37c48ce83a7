import { useEffect } from 'react';
import { useClient } from 'urql';
import { useLookedAt } from '../base/visible.ts';
import { MarkReadMutation } from './documents.ts';

/** Moves the viewer's receipt to the newest message, while there is something unread, that message is on the screen and someone can be looking. */
export function useMarkRead(roomId: string, messageId: string | undefined, unreadCount: number, atEnd: boolean): void {
  const client = useClient();
  const looking = useLookedAt();
  useEffect(() => {
    if (!looking || !atEnd || messageId === undefined || unreadCount === 0) return;
    // Where it fails, the next message or the next count tries again.
    client.mutation(MarkReadMutation, { roomId, messageId }).toPromise();
  }, [client, roomId, messageId, unreadCount, looking, atEnd]);
}
