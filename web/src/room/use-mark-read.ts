import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { MarkReadMutation } from './documents.ts';

/** Moves the viewer's receipt to the newest message shown, while there is something unread and the page is in front. */
export function useMarkRead(roomId: string, messageId: string | undefined, unreadCount: number): void {
  const client = useClient();
  const visible = usePageVisible();
  useEffect(() => {
    if (!visible || messageId === undefined || unreadCount === 0) return;
    // Where it fails, the next message or the next count tries again.
    client.mutation(MarkReadMutation, { roomId, messageId }).toPromise();
  }, [client, roomId, messageId, unreadCount, visible]);
}

function usePageVisible(): boolean {
  const [visible, setVisible] = useState(() => document.visibilityState === 'visible');
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return visible;
}
