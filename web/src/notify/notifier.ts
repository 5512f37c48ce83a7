import { go, roomHref } from '../base/route.ts';
import { isLookedAt, watchLooking } from '../base/visible.ts';
import { t } from '../i18n/text.ts';
import { excerpt } from '../message/markdown.tsx';
import type { Membership, ViewerEvent } from '../rooms/documents.ts';
import { roomName } from '../rooms/room-name.ts';
import type { Me } from '../session/documents.ts';
import { notifyState } from './permission.ts';

/** Tells of mentions and direct messages that nobody is looking at: once per user and browser, however many tabs there are. */
export interface Notifier {
  /** Something happened among the viewer's rooms. */
  heard(event: ViewerEvent): void;
  /** Which room this tab shows. */
  showing(roomId: string | null): void;
  close(): void;
}

/** What one tab tells the others. */
interface Sight {
  readonly tab: string;
  readonly roomId: string | null;
}

/** A notifier for that user in this tab. Of all tabs the one that holds a lock speaks; where there are no locks, equal tags make one of many. */
export function createNotifier(me: Me): Notifier {
  const name = `parley-notify-${me.id}`;
  const tab = Math.random().toString(36).slice(2);
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(name) : null;
  const sights = new Map<string, string>();
  const told = new Set<string>();
  const end = new AbortController();
  let leads = !navigator.locks;
  let shown: string | null = null;

  // Held for as long as this tab lives; then the next one gets it.
  navigator.locks
    ?.request(name, { signal: end.signal }, () => {
      leads = true;
      return new Promise<void>((resolve) => end.signal.addEventListener('abort', () => resolve()));
    })
    .catch(() => undefined);

  const see = ({ tab: from, roomId }: Sight) => {
    if (roomId === null) sights.delete(from);
    else sights.set(from, roomId);
  };
  const look = () => {
    const sight = { tab, roomId: isLookedAt() ? shown : null };
    see(sight);
    channel?.postMessage(sight);
  };
  if (channel) channel.onmessage = ({ data }: MessageEvent<Sight>) => see(data);
  const unwatch = watchLooking(look);

  const worthIt = ({ room, unreadCount }: Membership): boolean => {
    const { lastMessage } = room;
    if (lastMessage?.kind !== 'TEXT' || unreadCount === 0 || lastMessage.author?.id === me.id) return false;
    return room.kind === 'DIRECT' || lastMessage.mentions.some(({ id }) => id === me.id);
  };

  return {
    heard(event) {
      if (event.__typename !== 'MembershipUpdated' && event.__typename !== 'MembershipAdded') return;
      const { membership } = event;
      const { room } = membership;
      const message = room.lastMessage;
      if (!message || !worthIt(membership) || told.has(message.id)) return;
      told.add(message.id);
      if (!leads || [...sights.values()].includes(room.id) || notifyState() !== 'on') return;
      const author = message.author?.displayName ?? t('message.unknown');
      const title = room.kind === 'DIRECT' ? author : t('notify.title', { name: author, room: roomName(room, me) });
      const notification = new Notification(title, { body: excerpt(message.body), tag: message.id });
      notification.onclick = () => {
        window.focus();
        go(roomHref(room.id));
        notification.close();
      };
    },
    showing(roomId) {
      shown = roomId;
      look();
    },
    close() {
      unwatch();
      channel?.postMessage({ tab, roomId: null } satisfies Sight);
      channel?.close();
      end.abort();
    },
  };
}
