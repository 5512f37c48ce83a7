import { useCallback, useEffect, useReducer, useState } from 'react';
import { useClient } from 'urql';
import { codeOf, textOf } from '../errors.ts';
import { EarlierMessagesQuery, RoomEventsSubscription } from './documents.ts';
import { EMPTY_ROOM, type RoomState, reduceRoom } from './room-state.ts';

/** A room, live. */
export interface LiveRoom {
  readonly state: RoomState;
  /** Why nothing more comes, or null. */
  readonly ended: string | null;
  /** Reads the page before the first message. */
  readonly readEarlier: () => Promise<void>;
}

/** Follows one room for as long as it is shown. Give a new room a new component (`key`). */
export function useRoom(roomId: string): LiveRoom {
  const client = useClient();
  const [state, dispatch] = useReducer(reduceRoom, EMPTY_ROOM);
  const [ended, setEnded] = useState<string | null>(null);

  useEffect(() => {
    const variables = { roomId, after: null, snapshot: true };
    const subscription = client.subscription(RoomEventsSubscription, variables).subscribe(({ data, error }) => {
      if (error) setEnded(reasonOf(codeOf(error)) ?? textOf(error));
      else if (data) dispatch({ type: 'event', event: data.roomEvents });
    });
    return () => subscription.unsubscribe();
  }, [client, roomId]);

  const { earlier } = state;
  const readEarlier = useCallback(async () => {
    if (earlier === null) return;
    const { data } = await client.query(EarlierMessagesQuery, { roomId, before: earlier });
    if (data?.room) dispatch({ type: 'earlier', page: data.room.messages });
  }, [client, roomId, earlier]);

  return { state, ended, readEarlier };
}

function reasonOf(code: string | null): string | null {
  if (code === 'FORBIDDEN') return 'You are not a member of this room.';
  return code === 'NOT_FOUND' || code === 'BAD_USER_INPUT' ? 'There is no such room.' : null;
}
