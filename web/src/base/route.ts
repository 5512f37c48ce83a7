import { useSyncExternalStore } from 'react';

/** What the address says is to be shown. */
export interface Route {
  /** The open room, or null. */
  readonly roomId: string | null;
  /** The message to show in it, or null for where one was. */
  readonly messageId: string | null;
  /** The directory of rooms in place of a room. */
  readonly directory: boolean;
}

/** The address of a room. */
export const roomHref = (roomId: string): string => `#/room/${encodeURIComponent(roomId)}`;

/** The address of a message. */
export const messageHref = (roomId: string, messageId: string): string =>
  `${roomHref(roomId)}/message/${encodeURIComponent(messageId)}`;

/** The address of the directory. */
export const DIRECTORY_HREF = '#/rooms';

/** The address of the list alone: on a narrow screen, the way back. */
export const HOME_HREF = '#/';

/** Reads an address. What cannot be read is home. */
export function parseRoute(hash: string): Route {
  const [kind, roomId, sub, messageId] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  if (kind === 'rooms') return { roomId: null, messageId: null, directory: true };
  if (kind !== 'room' || !roomId) return { roomId: null, messageId: null, directory: false };
  return { roomId, messageId: sub === 'message' && messageId ? messageId : null, directory: false };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

/** Goes there. */
export function go(href: string): void {
  location.hash = href;
}

/** The present route, in a component. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(watch, () => location.hash));
}

function watch(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
