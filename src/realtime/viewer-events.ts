import type { Clock } from '../domain/clock.ts';
import type { RoomEvent, RoomSignal, ViewerDelivery } from '../domain/event.ts';
import { directRoomUsers } from '../domain/ids.ts';
import type { Presence } from '../domain/presence.ts';
import type { JoinedRooms } from '../ports/joined-rooms.ts';
import type { LiveFeed } from '../ports/live-feed.ts';
import type { Memberships } from '../ports/memberships.ts';
import type { Observe } from './observe.ts';
import type { Held } from './registry.ts';
import type { Retry } from './retry.ts';
import type { RoomChannel, RoomListener } from './room-channel.ts';
import { Subscriber } from './subscriber.ts';
import type { UserChannel } from './user-channel.ts';

/** What one subscription to a user's own changes needs. */
export interface ViewerEventsDeps {
  readonly acquireRoom: (roomId: string) => Held<RoomChannel>;
  readonly acquireUser: (userId: string) => Held<UserChannel>;
  readonly joinedRooms: Pick<JoinedRooms, 'list'>;
  readonly memberships: Pick<Memberships, 'get'>;
  /** Calls when news is heard again after some may have been lost. Returns its end. */
  readonly onRestored: LiveFeed['onRestored'];
  /** The presence of a user now; see `PresenceLeases.get`. */
  readonly presenceOf: (userId: string) => Promise<Presence>;
  readonly clock: Clock;
  readonly retry: Retry;
  readonly observe: Observe;
  /** Called once when the subscription has ended, by whichever side. */
  readonly onGone: () => void;
}

interface Contact {
  readonly roomId: string;
  readonly userId: string;
}

/**
 * What changes for one user over all rooms, and who of the others in their direct rooms comes and goes. Events only mark a room, or such a contact, as
 * changed; the state is read when the reader is ready for it. So bursts merge by themselves, the last state always arrives, and no more than one entry
 * per room and one per contact ever waits.
 */
export function subscribeViewer(
  deps: ViewerEventsDeps,
  input: { readonly userId: string },
  options: { readonly mergeMs: number },
): AsyncIterableIterator<ViewerDelivery> {
  const { memberships, presenceOf, joinedRooms, clock, retry, observe } = deps;
  const { userId } = input;
  const shown = new Set<string>();
  const tracked = new Map<string, () => void>();
  const changed = new Set<string>();
  // Direct rooms whose other member came or went.
  const stirred = new Set<string>();
  let everything = false;
  let gone = false;
  let flushing = false;
  let cancelTimer: (() => void) | null = null;
  const cleanUp: (() => void)[] = [];

  const subscriber = new Subscriber<ViewerDelivery>({
    // Never reached: nothing is added while anything waits, beyond one entry per room and one per contact.
    maxEvents: Number.MAX_SAFE_INTEGER,
    maxBytes: Number.MAX_SAFE_INTEGER,
    onSlow() {},
    onGone() {
      gone = true;
      cancelTimer?.();
      for (const roomId of [...tracked.keys()]) untrack(roomId);
      for (const each of cleanUp) each();
      deps.onGone();
    },
    start,
  });

  const concerns = (event: RoomEvent | RoomSignal): boolean =>
    'position' in event || (event.type === 'receipt-moved' && event.userId === userId);

  // Read off the id: whom a signal names is not believed.
  const contactIn = (roomId: string): string | null => directRoomUsers(roomId)?.find((id) => id !== userId) ?? null;

  function mark(roomId: string): void {
    changed.add(roomId);
    schedule(0);
  }

  function stir(roomId: string): void {
    stirred.add(roomId);
    schedule(0);
  }

  // A reader that has not taken what it was given is not given more: what changes meanwhile merges.
  function schedule(ms: number): void {
    if (gone || flushing || cancelTimer) return;
    cancelTimer = clock.after(ms, () => {
      cancelTimer = null;
      if (subscriber.queued > 0) schedule(options.mergeMs);
      else flush().catch((error: unknown) => subscriber.finish(error instanceof Error ? error : undefined));
    });
  }

  async function flush(): Promise<void> {
    flushing = true;
    const roomIds = await takeChanged();
    const contacts = takeStirred();
    const [states, presences] = await retry(
      () =>
        Promise.all([
          memberships.get(roomIds.map((roomId) => ({ roomId, userId }))),
          Promise.all(contacts.map((contact) => presenceOf(contact.userId))),
        ]),
      () => gone,
    );
    if (gone) return;
    roomIds.forEach((roomId, index) => {
      tell(roomId, states[index] ?? null);
    });
    contacts.forEach((contact, index) => {
      tellOf(contact, presences[index]);
    });
    flushing = false;
    if (isBehind()) schedule(options.mergeMs);
    // The next change waits out the rest of the interval, then goes at once.
    else cancelTimer = clock.after(options.mergeMs, () => rest());
  }

  function rest(): void {
    cancelTimer = null;
    if (isBehind()) schedule(0);
  }

  const isBehind = (): boolean => changed.size > 0 || stirred.size > 0 || everything;

  async function takeChanged(): Promise<string[]> {
    const all = everything;
    everything = false;
    if (all) {
      const { roomIds } = await retry(
        () => joinedRooms.list(userId),
        () => gone,
      );
      for (const roomId of [...roomIds, ...tracked.keys()]) changed.add(roomId);
    }
    const taken = [...changed];
    changed.clear();
    return taken;
  }

  function takeStirred(): Contact[] {
    const taken = [...stirred].flatMap((roomId) => {
      const contact = contactIn(roomId);
      return contact === null ? [] : [{ roomId, userId: contact }];
    });
    stirred.clear();
    return taken;
  }

  function tell(roomId: string, membership: Awaited<ReturnType<Memberships['get']>>[number]): void {
    if (membership) {
      if (!tracked.has(roomId)) track(roomId);
      push({ type: shown.has(roomId) ? 'membership-updated' : 'membership-added', membership });
      shown.add(roomId);
    } else {
      untrack(roomId);
      if (shown.delete(roomId)) push({ type: 'membership-removed', roomId });
    }
  }

  // The membership may have ended meanwhile.
  function tellOf(contact: Contact, now: Presence | undefined): void {
    if (now && shown.has(contact.roomId)) push({ type: 'contact-presence-changed', ...contact, presence: now });
  }

  function untrack(roomId: string): void {
    tracked.get(roomId)?.();
    tracked.delete(roomId);
  }

  function push(delivery: ViewerDelivery): void {
    observe.eventOut(1);
    subscriber.push(delivery, 0);
  }

  function track(roomId: string): Promise<void> {
    const held = deps.acquireRoom(roomId);
    const channel = held.value;
    const contact = contactIn(roomId);
    const look = () => {
      mark(roomId);
      if (contact !== null) stir(roomId);
    };
    const listener: RoomListener = {
      live(event) {
        if (concerns(event)) mark(roomId);
        else if (event.type === 'presence-changed' && event.userId === contact) stir(roomId);
      },
      reset: async () => mark(roomId),
      end() {
        untrack(roomId);
        mark(roomId);
      },
    };
    channel.add(listener);
    tracked.set(roomId, () => {
      channel.remove(listener);
      held.release();
    });
    // What happened before the channel was open is not seen by it.
    return channel.opened.then(look, look);
  }

  async function start(): Promise<void> {
    const held = deps.acquireUser(userId);
    const channel = held.value;
    cleanUp.push(() => held.release());
    cleanUp.push(
      channel.addListener({
        roomsChanged(roomId) {
          if (roomId) mark(roomId);
          else {
            everything = true;
            schedule(0);
          }
        },
      }),
    );
    // Coming and going has no numbers by which a loss would show.
    cleanUp.push(
      deps.onRestored(() => {
        for (const roomId of tracked.keys()) if (contactIn(roomId) !== null) stir(roomId);
      }),
    );
    flushing = true;
    await channel.opened;
    const { roomIds } = await retry(
      () => joinedRooms.list(userId),
      () => gone,
    );
    const states = await retry(
      () => memberships.get(roomIds.map((roomId) => ({ roomId, userId }))),
      () => gone,
    );
    if (gone) return;
    await Promise.all(roomIds.filter((_, index) => states[index]).map(track));
    if (gone) return;
    // Everything up to here is in the snapshot that is read at this mark.
    for (const roomId of tracked.keys()) {
      changed.delete(roomId);
      stirred.delete(roomId);
      shown.add(roomId);
    }
    push({ type: 'viewer-caught-up' });
    flushing = false;
    if (isBehind()) schedule(0);
  }

  return subscriber;
}
