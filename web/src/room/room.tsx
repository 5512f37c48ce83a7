import { useEffect, useSyncExternalStore } from 'react';
import { Composer } from './composer.tsx';
import { MessageLine } from './message-line.tsx';
import type { Outbox } from './outbox.ts';
import { PendingLine } from './pending-line.tsx';
import { Timeline } from './timeline.tsx';
import { useMarkRead } from './use-mark-read.ts';
import { useRoom } from './use-room.ts';

/** One room: who and what, its messages, and where to write. */
export function Room(props: {
  readonly roomId: string;
  readonly name: string;
  readonly unreadCount: number;
  readonly outbox: Outbox;
}) {
  const { roomId, outbox } = props;
  const { state, ended, readEarlier } = useRoom(roomId);
  const { messages } = state;
  const pending = usePending(outbox, roomId, messages);
  useMarkRead(roomId, messages.at(-1)?.id, props.unreadCount);

  return (
    <section className="room" aria-label={props.name}>
      <header className="bar">
        <a className="back" href="#rooms" aria-label="All rooms">
          ←
        </a>
        <h2 dir="auto">{props.name}</h2>
        {state.ready && <small>{state.memberCount === 1 ? '1 member' : `${state.memberCount} members`}</small>}
      </header>
      <Timeline first={messages[0]?.id}>
        {state.earlier !== null && (
          <button type="button" className="link" onClick={readEarlier}>
            Earlier messages
          </button>
        )}
        {!state.ready && ended === null && <p className="empty late">Loading …</p>}
        {state.ready && messages.length === 0 && pending.length === 0 && <p className="empty">Nothing has been said here yet.</p>}
        {messages.map((message) => (
          <MessageLine key={message.id} message={message} />
        ))}
        {pending.map((entry) => (
          <PendingLine key={entry.key} entry={entry} outbox={outbox} />
        ))}
      </Timeline>
      {ended === null ? <Composer onSend={(body) => outbox.send(roomId, body)} /> : <p role="alert">{ended}</p>}
    </section>
  );
}

/** What is on its way to this room and not among its messages yet. */
function usePending(outbox: Outbox, roomId: string, messages: readonly { readonly idempotencyKey: string | null }[]) {
  const all = useSyncExternalStore(outbox.watch, outbox.pending);
  const seen = new Set(messages.map(({ idempotencyKey }) => idempotencyKey ?? ''));
  useEffect(() => outbox.drop(seen));
  return all.filter((entry) => entry.roomId === roomId && !seen.has(entry.key));
}
