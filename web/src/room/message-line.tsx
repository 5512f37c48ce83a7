import type { Message } from './documents.ts';

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

/** One entry of the timeline: a member's message, or a system message in one line. */
export function MessageLine({ message }: { readonly message: Message }) {
  const name = message.author?.displayName ?? 'Someone';
  if (message.kind !== 'TEXT') {
    return (
      <article className="system">
        <bdi>{name}</bdi> {message.body} <Time at={message.createdAt} />
      </article>
    );
  }
  return (
    <article className="message">
      <header>
        <bdi className="author">{name}</bdi> <Time at={message.createdAt} />
        {message.editedAt && !message.deletedAt && <small> edited</small>}
      </header>
      {message.deletedAt ? (
        <p className="deleted">Message deleted</p>
      ) : (
        <p className="body" dir="auto">
          {message.body}
        </p>
      )}
    </article>
  );
}

function Time({ at }: { readonly at: string }) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={FULL.format(date)}>
      {(today ? TIME : DAY).format(date)}
    </time>
  );
}
