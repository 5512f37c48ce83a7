import { setTimeout as pause } from 'node:timers/promises';
import type { Message } from '../../src/domain/message.ts';
import type { Store } from '../../src/ports/store.ts';
import type { Person } from '../load/dialects.ts';

/** What comes into a room. */
export interface Flood {
  readonly roomId: string;
  readonly authors: readonly Person[];
  readonly events: number;
  /** Every second event is an edit of the message before it or a reaction to it. Else all are messages. */
  readonly mixed: boolean;
}

/** How a message of a flood says which one it is, from 1. */
export const mark = (number: number): string => `(No ${number})`;

const TEXT = 'is as long as a message **mostly** is, with a word of `code` and a link to https://example.org/page';

/**
 * One event each millisecond, whatever comes back, past the API: what is looked at is what receives it. Resolves when all is stored, with the time at
 * which each message was due, ms since 1970.
 */
export async function flood({ timeline }: Store, { roomId, authors, events, mixed }: Flood): Promise<readonly number[]> {
  const begin = Date.now();
  const due: number[] = [];
  const done: Promise<Message>[] = [];

  const send = (author: Person): Promise<Message> => {
    const body = `${mark(due.length)} ${TEXT}`;
    const input = { roomId, authorId: author.userId, body, mentions: [], replyTo: null, idempotency: null, keep: 0 };
    return timeline.append(input).then(({ message }) => message);
  };
  const change = async (before: Promise<Message>, event: number): Promise<Message> => {
    const { number, at, authorId, body } = await before;
    const message = { roomId, number, at, actorId: authorId };
    if (event % 4 === 1) return timeline.edit({ ...message, body: `${body}, edited`, mentions: [] });
    return timeline.react({ ...message, emoji: '👍', present: true, maxEmojis: 20 });
  };

  for (let event = 0; event < events; event += 1) {
    const wait = begin + event - Date.now();
    if (wait > 0) await pause(wait);
    const before = done.at(-1);
    const author = authors[event % authors.length];
    if (!author) throw new Error('There is nobody.');
    if (mixed && before && event % 2 === 1) done.push(change(before, event));
    else {
      due.push(begin + event);
      done.push(send(author));
    }
  }
  await Promise.all(done);
  return due;
}
