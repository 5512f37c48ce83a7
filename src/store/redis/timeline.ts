import { rateLimited } from '../../domain/errors.ts';
import type { Message } from '../../domain/message.ts';
import type { Spending } from '../../ports/rate-limits.ts';
import type { Appended, Timeline } from '../../ports/timeline.ts';
import { readEntry } from './answers.ts';
import type { Parts } from './parts.ts';
import { asNumber } from './reply.ts';
import { createTimelineReads } from './timeline-reads.ts';

/** Messages: {room:ID}:timeline, by number, as they are now. */
export const createTimeline = (parts: Parts): Timeline => ({ ...createChanges(parts), ...createTimelineReads(parts) });

type Send = Parameters<Timeline['append']>[0];

function createChanges({ scripts, sharded }: Parts): Pick<Timeline, 'append' | 'edit' | 'delete' | 'react'> {
  function append(send: Send): Promise<Appended> {
    const { spending } = send;
    if (spending && sharded) return spendFirst(spending).then(() => scripts.appendMessage(send));
    return scripts.appendMessage(send, spending);
  }

  async function spendFirst({ key, rate }: Spending): Promise<void> {
    const [retryAfterMs] = await scripts.takeRate(key, rate);
    if (retryAfterMs !== 0) throw rateLimited(asNumber(retryAfterMs));
  }

  return {
    append,
    edit: async (input) => changed(input.roomId, await scripts.editMessage(input)),
    delete: async (input) => changed(input.roomId, await scripts.deleteMessage(input)),
    react: async (input) => changed(input.roomId, await scripts.react(input)),
  };
}

const changed = (roomId: string, [entry]: readonly unknown[]): Message => readEntry(roomId, entry);
