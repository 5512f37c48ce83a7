import { Avatar } from '../base/avatar.tsx';
import { Icon } from '../base/icons.tsx';
import { useText } from '../i18n/text.ts';
import type { Outbox, Pending } from '../room/outbox.ts';
import type { Me } from '../session/documents.ts';
import { excerpt, Markdown } from './markdown.tsx';

/** A message on its way, or one that was refused. */
export function PendingLine(props: {
  readonly entry: Pending;
  readonly outbox: Outbox;
  readonly me: Me;
  readonly joined: boolean;
  readonly isLive: boolean;
}) {
  const { entry, outbox, me, joined } = props;
  const t = useText();
  const state = entry.taken ? ' taken' : entry.fault === null ? '' : ' failed';
  return (
    <article className={`message pending${state}${joined ? ' joined' : ''}`} tabIndex={-1}>
      {joined ? <span className="gutter" /> : <Avatar id={me.id} name={me.displayName} />}
      <div className="content">
        {!joined && (
          <header>
            <bdi className="author">{me.displayName}</bdi>
          </header>
        )}
        {entry.replyTo && (
          <span className="quote">
            <bdi className="author">{entry.replyTo.name}</bdi> <span dir="auto">{excerpt(entry.replyTo.body)}</span>
          </span>
        )}
        <div className="body" dir="auto">
          <Markdown text={entry.body} mentions={[]} meId={me.id} />
        </div>
        {entry.fault !== null && (
          <p role="alert" className="fault">
            {t('message.notSent', { reason: entry.fault })}{' '}
            <span className="ways">
              <button type="button" className="link" onClick={() => outbox.retry(entry.key)}>
                {t('message.retry')}
              </button>
              <button type="button" className="link" onClick={() => outbox.drop(new Set([entry.key]))}>
                {t('message.discard')}
              </button>
            </span>
          </p>
        )}
      </div>
      {entry.fault === null && !entry.taken && <Waiting text={t(props.isLive ? 'message.sending' : 'message.queued')} />}
    </article>
  );
}

/** Stands at the edge, where it takes no room: what is sent must not move what is there. */
function Waiting({ text }: { readonly text: string }) {
  return (
    <span className="waiting late" title={text}>
      <Icon name="clock" />
      <span className="hidden">{text}</span>
    </span>
  );
}
