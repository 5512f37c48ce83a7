import { useCallback, useEffect, useState } from 'react';
import { codeOf } from '../errors.ts';
import { useHere } from '../session/here.ts';
import {
  type Message,
  type MessagePage,
  MessagePlaceQuery,
  MessagesQuery,
  type RoomEvent,
  RoomEventsSubscription,
} from './documents.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import { createTypists, type Typists } from './typists.ts';

/** How many messages to read at once. */
const PAGE = 50;

/** Why nothing comes from a room. */
export type Ended = 'not-member' | 'not-found' | 'removed';

/** A room, live. */
export interface LiveRoom {
  readonly timeline: Timeline;
  readonly typists: Typists;
  readonly ended: Ended | null;
  /** The latest Reset of this visit, until it is dismissed. */
  readonly reset: 'FORKED' | 'EXPIRED' | 'TOO_FAR' | null;
  readonly dismissReset: () => void;
  /** Whether a page is on its way, or could not be read. */
  readonly reading: 'no' | 'yes' | 'failed';
  /** Reads the page before the first message shown, or after the last. */
  readonly readOn: (where: 'earlier' | 'later') => Promise<void>;
  /** Makes sure that a message is among those shown. Answers whether it is. */
  readonly show: (messageId: string) => Promise<boolean>;
  /** Shows the very first messages of the room. */
  readonly showBeginning: () => Promise<void>;
}

/** Follows one room for as long as it is shown. Give a new room a new component (`key`). `told` hears of every event once it is on the screen. */
export function useRoom(roomId: string, told: (event: RoomEvent) => void): LiveRoom {
  const { api, me, presences, outbox } = useHere();
  const [timeline] = useState(createTimeline);
  const [typists] = useState(createTypists);
  const [ended, setEnded] = useState<Ended | null>(null);
  const [reset, setReset] = useState<LiveRoom['reset']>(null);
  const [reading, setReading] = useState<LiveRoom['reading']>('no');
  const [latest] = useState(() => ({ told, reading: false }));
  useEffect(() => {
    latest.told = told;
  });

  useEffect(() => {
    let fresh: RoomEvent[] = [];
    let frame: { readonly cancel: () => void } | null = null;
    let begun = false;
    let caughtUp = false;
    // Many events of one moment are drawn once.
    const draw = () => {
      frame = null;
      const drawn = fresh;
      fresh = [];
      timeline.flush();
      for (const event of drawn) latest.told(event);
    };
    const take = (event: RoomEvent) => {
      begun = true;
      // Only the first one brings a snapshot. Where a later one seems to, the cache has put in what it knew of the first: live/resume.ts changes
      // the variables behind its back.
      const resumed = event.__typename === 'CaughtUp' && caughtUp;
      if (!resumed) timeline.apply(event);
      fresh.push(event);
      switch (event.__typename) {
        case 'CaughtUp':
          if (!resumed) outbox.dropTaken(roomId);
          caughtUp = true;
          break;
        case 'Reset':
          setReset(event.reason);
          outbox.dropTaken(roomId);
          break;
        case 'TypingStarted':
          if (event.user.id !== me.id) typists.heard({ id: event.user.id, name: event.user.displayName });
          break;
        case 'MessageSent':
          typists.done(event.message.author?.id ?? '');
          break;
        case 'PresenceChanged':
          presences.stale(event.user.id);
      }
      frame ??= nextFrame(draw);
    };
    const variables = { roomId, after: null, snapshot: true };
    const subscription = api.client.subscription(RoomEventsSubscription, variables).subscribe(({ data, error }) => {
      if (data) take(data.roomEvents);
      const code = error ? codeOf(error) : null;
      if (code === 'FORBIDDEN') setEnded(begun ? 'removed' : 'not-member');
      else if (code === 'NOT_FOUND' || code === 'BAD_USER_INPUT') setEnded('not-found');
    });
    return () => {
      subscription.unsubscribe();
      frame?.cancel();
      typists.close();
    };
  }, [api, roomId, timeline, typists, me, presences, outbox, latest]);

  const read = useCallback(
    async (span: { before?: string; after?: string; first?: number; last?: number }): Promise<MessagePage | null> => {
      const { data } = await api.client.query(MessagesQuery, { roomId, ...span }, { requestPolicy: 'network-only' });
      return data?.room?.messages ?? null;
    },
    [api, roomId],
  );

  const readOn = useCallback(
    async (where: 'earlier' | 'later') => {
      const { shown } = timeline.get();
      const cursor = shown[where];
      if (cursor === null || latest.reading) return;
      latest.reading = true;
      setReading('yes');
      const page = await read(where === 'earlier' ? { before: cursor, last: PAGE } : { after: cursor, first: PAGE });
      latest.reading = false;
      setReading(page ? 'no' : 'failed');
      if (!page || timeline.get().shown.name !== shown.name) return;
      timeline.extend(where, page);
      timeline.flush();
    },
    [timeline, read, latest],
  );

  const show = useCallback(
    async (messageId: string) => {
      if (timeline.indexOf(messageId) >= 0) return true;
      const message = await place(messageId);
      if (!message) return false;
      const [before, after] = await Promise.all([
        read({ before: message.cursor, last: PAGE }),
        read({ after: message.cursor, first: PAGE }),
      ]);
      if (!before || !after) return false;
      timeline.showAway(before, message, after);
      timeline.flush();
      return true;

      async function place(id: string): Promise<Message | null> {
        const { data } = await api.client.query(MessagePlaceQuery, { id }, { requestPolicy: 'network-only' });
        const node = data?.node;
        return node?.__typename === 'Message' && node.room.id === roomId ? node : null;
      }
    },
    [timeline, read, api, roomId],
  );

  const showBeginning = useCallback(async () => {
    if (timeline.get().shown.earlier === null) return;
    const page = await read({ first: PAGE });
    if (!page) return;
    const nothing = { ...page, nodes: [], pageInfo: { ...page.pageInfo, hasPreviousPage: false } };
    timeline.showAway(nothing, null, page);
    timeline.flush();
  }, [timeline, read]);

  const dismissReset = useCallback(() => setReset(null), []);
  return { timeline, typists, ended, reset, dismissReset, reading, readOn, show, showBeginning };
}

/** Calls before the next picture; where the page is behind and there are none, soon. */
function nextFrame(callback: () => void): { readonly cancel: () => void } {
  if (document.visibilityState === 'visible') {
    const frame = requestAnimationFrame(callback);
    return { cancel: () => cancelAnimationFrame(frame) };
  }
  const timer = setTimeout(callback, 50);
  return { cancel: () => clearTimeout(timer) };
}
