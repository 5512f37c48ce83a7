import { eventOf, type RoomEvent, type RoomSignal, type UserSignal } from '../../domain/event.ts';
import { isCount, isFields, parseJson, toMessage } from './codec.ts';

/*
 * What is published. Events of a room: {"e":epoch,"n":number,"m":entry}; its signals: {"t":"read"|"typing"|"presence",...}. Signals of
 * a user: {"t":"rooms","r":room}, {"t":"session","s":session}. Anyone who may write to Redis may publish, so all of it is checked.
 */

const EPOCH = /^[0-9a-f]{12}$/;

/** More than any event can weigh: 4,000 characters of body, 20 emoji with 10 users each. */
const NEWS_MAX = 1_048_576;

/** What was published on a room's channel; null where it cannot be read. Never throws. */
export function decodeRoomNews(roomId: string, text: string): RoomEvent | RoomSignal | null {
  const news = text.length <= NEWS_MAX ? parseJson(text) : undefined;
  if (!isFields(news)) return null;
  return 'm' in news ? decodeEvent(roomId, news) : decodeSignal(news);
}

function decodeEvent(roomId: string, { e, n, m }: Readonly<Record<string, unknown>>): RoomEvent | null {
  const message = toMessage(roomId, m);
  if (!message || typeof e !== 'string' || !EPOCH.test(e)) return null;
  if (!isCount(n) || (n !== message.number && n !== message.changed)) return null;
  return eventOf({ epoch: e, number: n }, message);
}

function decodeSignal({ t, u, r, x, o, s }: Readonly<Record<string, unknown>>): RoomSignal | null {
  if (typeof u !== 'string') return null;
  if (t === 'typing') return isCount(x) ? { type: 'typing', userId: u, expiresAt: x } : null;
  if (t === 'read') {
    const [number, ordinal, messageAt, readAt]: unknown[] = Array.isArray(r) ? r : [];
    if (!isCount(number) || !isCount(ordinal) || !isCount(messageAt) || !isCount(readAt)) return null;
    return { type: 'receipt-moved', userId: u, receipt: { number, ordinal, messageAt, readAt } };
  }
  if (t !== 'presence' || typeof o !== 'boolean' || !(s === null || isCount(s))) return null;
  return { type: 'presence-changed', userId: u, online: o, lastSeenAt: s };
}

/** The wire form of a signal. */
export function encodeSignal(signal: RoomSignal): string {
  const { userId: u } = signal;
  switch (signal.type) {
    case 'typing':
      return JSON.stringify({ t: 'typing', u, x: signal.expiresAt });
    case 'presence-changed':
      return JSON.stringify({ t: 'presence', u, o: signal.online, s: signal.lastSeenAt });
    case 'receipt-moved': {
      const { number, ordinal, messageAt, readAt } = signal.receipt;
      return JSON.stringify({ t: 'read', u, r: [number, ordinal, messageAt, readAt] });
    }
  }
}

/** What was published on a user's channel; null where it cannot be read. Never throws. */
export function decodeUserNews(text: string): UserSignal | null {
  const news = text.length <= NEWS_MAX ? parseJson(text) : undefined;
  if (!isFields(news)) return null;
  if (news.t === 'rooms' && typeof news.r === 'string') return { type: 'rooms-changed', roomId: news.r };
  if (news.t === 'session' && typeof news.s === 'string') return { type: 'session-revoked', sessionId: news.s };
  return null;
}
