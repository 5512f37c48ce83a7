import { hold } from '../base/hold.ts';
import { go, messageHref } from '../base/route.ts';
import { isLookedAt, watchLooking } from '../base/visible.ts';
import { t } from '../i18n/text.ts';
import { excerpt } from '../message/markdown.tsx';
import type { Membership, ViewerEvent } from '../rooms/documents.ts';
import { roomName } from '../rooms/room-name.ts';
import type { Me } from '../session/documents.ts';
import { notifyState } from './permission.ts';
import { createSights } from './sights.ts';

/** Tells of mentions and direct messages that nobody is looking at: once per user and browser, however many tabs there are. */
export interface Notifier {
  /** Something happened among the viewer's rooms. */
  heard(event: ViewerEvent): void;
  /** Which room this tab shows. */
  showing(roomId: string | null): void;
  close(): void;
}

/** A message as far as it is told of. */
export type Heard = Pick<NonNullable<Membership['room']['lastMessage']>, 'id' | 'kind' | 'body' | 'author' | 'mentions'>;

/** Reads what came in a room after that cursor or since it began, oldest first; null where that cannot be read. */
export type Since = (roomId: string, after: string | null) => Promise<readonly Heard[] | null>;

/** The most to tell of one burst in one room: the latest. */
const MOST_AT_ONCE = 3;

/** How a room stood when it was last heard of. */
interface Known {
  readonly id: string | null;
  readonly cursor: string | null;
  readonly unreadCount: number;
  readonly lastReadMessageId: string | null;
}

/**
 * A notifier for that user in this tab. Of all tabs the one that holds a lock speaks; where there are no locks, equal tags make one of many.
 * Events of one room may come merged into one that tells of the last message only: then what came before it is read with `since`.
 */
export function createNotifier(me: Me, since: Since): Notifier {
  const name = `parley-notify-${me.id}`;
  const sights = createSights(name);
  const told = new Set<string>();
  const known = new Map<string, Known>();
  let leads = !navigator.locks;
  let shown: string | null = null;
  let begun = false;

  // Held for as long as this tab lives; then the next one gets it.
  const resign = navigator.locks && hold(navigator.locks, name, 'exclusive', () => (leads = true));
  const look = () => sights.look(isLookedAt() ? shown : null);
  const unwatch = watchLooking(look);

  const remember = ({ room, unreadCount, lastReadMessageId }: Membership): Known | undefined => {
    const before = known.get(room.id);
    const { id = null, cursor = null } = room.lastMessage ?? {};
    known.set(room.id, { id, cursor, unreadCount, lastReadMessageId });
    return before;
  };

  const tell = (room: Membership['room'], message: Heard) => {
    if (told.has(message.id)) return;
    told.add(message.id);
    const author = message.author?.displayName ?? t('message.unknown');
    const title = room.kind === 'DIRECT' ? author : t('notify.title', { name: author, room: roomName(room, me) });
    try {
      const notification = new Notification(title, { body: excerpt(message.body), tag: message.id });
      notification.onclick = () => {
        window.focus();
        go(messageHref(room.id, message.id));
        notification.close();
      };
    } catch {
      // Some browsers on telephones say that they have notifications and let only service workers show them.
    }
  };

  async function consider(membership: Membership): Promise<void> {
    const { room, unreadCount } = membership;
    const before = remember(membership) ?? begunSince(membership);
    const last = room.lastMessage;
    if (!last || unreadCount === 0 || last.id === before?.id) return;
    if (!leads || notifyState() !== 'on' || (await sights.has(room.id))) return;
    const heard = before === undefined || isNext(membership, before) ? [last] : await since(room.id, before.cursor);
    const concerning = (heard ?? [last]).filter((message) => concerns(message, room.kind, me));
    for (const message of concerning.slice(-MOST_AT_ONCE)) tell(room, message);
  }

  return {
    heard(event) {
      switch (event.__typename) {
        case 'ViewerCaughtUp':
          // What the very first one says was there before the page.
          for (const membership of event.viewer.memberships.nodes) {
            if (begun) void consider(membership);
            else remember(membership);
          }
          begun = true;
          break;
        case 'MembershipAdded':
        case 'MembershipUpdated':
          void consider(event.membership);
      }
    },
    showing(roomId) {
      shown = roomId;
      look();
    },
    close() {
      unwatch();
      sights.close();
      resign?.();
    },
  };
}

/** How a room stood that was not heard of before: a direct one of which nothing has been read began meanwhile. Of others nobody knows. */
function begunSince({ room, lastReadMessageId }: Membership): Known | undefined {
  const isNew = room.kind === 'DIRECT' && lastReadMessageId === null;
  return isNew ? { id: null, cursor: null, unreadCount: 0, lastReadMessageId } : undefined;
}

/** Whether the last message is the only one that came since. */
function isNext({ unreadCount, lastReadMessageId, room }: Membership, before: Known): boolean {
  const onlyOne = unreadCount === before.unreadCount + 1 && lastReadMessageId === before.lastReadMessageId;
  return onlyOne && room.lastMessage?.kind === 'TEXT';
}

function concerns({ kind, author, mentions }: Heard, roomKind: Membership['room']['kind'], me: Me): boolean {
  if (kind !== 'TEXT' || author?.id === me.id) return false;
  return roomKind === 'DIRECT' || mentions.some(({ id }) => id === me.id);
}
