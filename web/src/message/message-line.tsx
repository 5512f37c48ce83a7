import { memo, type ReactNode, useDeferredValue } from 'react';
import { Avatar } from '../base/avatar.tsx';
import { Icon, type IconName } from '../base/icons.tsx';
import { messageHref } from '../base/route.ts';
import { systemWords } from '../i18n/system-words.ts';
import { useText } from '../i18n/text.ts';
import { exactTimeOf, timeOf } from '../i18n/times.ts';
import type { Message } from '../room/documents.ts';
import { excerpt, Markdown } from './markdown.tsx';
import { Reactions } from './reactions.tsx';

/** What can be done with a message. */
export interface MessageActs {
  readonly react: (message: Message, emoji: string) => void;
  readonly openPicker: (message: Message, at: HTMLElement) => void;
  readonly reply: (message: Message) => void;
  readonly edit: (message: Message) => void;
  readonly remove: (message: Message) => void;
  readonly copyLink: (message: Message) => void;
  readonly jumpTo: (id: string) => void;
  readonly showReplies: (message: Message) => void;
}

/** One entry of the timeline: a member's message, or a system message in one line. */
export const MessageLine = memo(function MessageLine(props: {
  readonly message: Message;
  /** Follows one by the same author closely: name and picture would only repeat. */
  readonly joined: boolean;
  readonly meId: string;
  /** May delete the messages of others. */
  readonly moderates: boolean;
  readonly acts: MessageActs;
  readonly mine: (message: Message, emoji: string) => boolean;
}) {
  const { message, joined, meId, acts } = props;
  const t = useText();
  // Most of what a message is made of: made when there is time, and never for one that a flood has carried past.
  const settled = useDeferredValue(true, false);
  const name = message.author?.displayName ?? t('message.unknown');
  if (message.kind !== 'TEXT') return <SystemLine message={message} name={name} settled={settled} />;
  const mentionsMe = message.mentions.some(({ id }) => id === meId);
  const className = `message${joined ? ' joined' : ''}${mentionsMe ? ' mentions-me' : ''}`;
  return (
    <article
      className={className}
      tabIndex={-1}
      aria-label={`${name}, ${timeOf(message.createdAt)}`}
      aria-describedby={`text-${message.id}`}
    >
      {joined ? (
        <Time at={message.createdAt} exact={settled} className="gutter" />
      ) : (
        <Avatar id={message.author?.id ?? ''} name={name} />
      )}
      <div className="content">
        {!joined && (
          <header>
            <bdi className="author">{name}</bdi> <Time at={message.createdAt} exact={settled} />
          </header>
        )}
        {message.replyTo && <Quote replyTo={message.replyTo} onJump={acts.jumpTo} />}
        {message.deletedAt ? (
          <p id={`text-${message.id}`} className="deleted">
            {t('message.deleted')}
          </p>
        ) : (
          <Body message={message} meId={meId} />
        )}
        {message.reactions.length > 0 && (
          <Reactions
            message={message}
            meId={meId}
            mine={(emoji) => props.mine(message, emoji)}
            onToggle={(emoji) => acts.react(message, emoji)}
          />
        )}
        {message.replyCount > 0 && (
          <button type="button" className="replies" onClick={() => acts.showReplies(message)}>
            <Icon name="reply" /> {t('message.replies', { count: message.replyCount })}
          </button>
        )}
      </div>
      {settled && !message.deletedAt && (
        <Actions message={message} own={message.author?.id === meId} moderates={props.moderates} acts={acts} />
      )}
    </article>
  );
});

function Body({ message, meId }: { readonly message: Message; readonly meId: string }) {
  const t = useText();
  return (
    <div id={`text-${message.id}`} className={isOnlyEmoji(message.body) ? 'body big' : 'body'} dir="auto">
      <Markdown text={message.body} mentions={message.mentions} meId={meId} />
      {message.editedAt && (
        <small className="edited" title={t('message.editedAt', { time: exactTimeOf(message.editedAt) })}>
          {t('message.edited')}
        </small>
      )}
    </div>
  );
}

const isOnlyEmoji = (text: string): boolean =>
  text.length < 40 && /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200d|\ufe0f|\s){1,24}$/u.test(text);

function SystemLine(props: { readonly message: Message; readonly name: string; readonly settled: boolean }) {
  const { message, name, settled } = props;
  const t = useText();
  const { key, values } = systemWords(name, message.body);
  return (
    <article className="system" tabIndex={-1}>
      {t(key, values)} <Time at={message.createdAt} exact={settled} />
    </article>
  );
}

/** When it was; the exact time shows on hover, once there was time to write it out. */
function Time({ at, exact, className }: { readonly at: string; readonly exact: boolean; readonly className?: string }) {
  return (
    <time className={className} dateTime={at} title={exact ? exactTimeOf(at) : undefined}>
      {timeOf(at)}
    </time>
  );
}

function Quote(props: { readonly replyTo: NonNullable<Message['replyTo']>; readonly onJump: (id: string) => void }) {
  const { replyTo } = props;
  const t = useText();
  const name = replyTo.author?.displayName ?? t('message.unknown');
  return (
    <button type="button" className="quote" onClick={() => props.onJump(replyTo.id)}>
      <span className="hidden">{t('message.jumpToReply', { name })}</span>
      <bdi className="author">{name}</bdi>{' '}
      <span dir="auto">{replyTo.deletedAt ? t('message.deleted') : excerpt(replyTo.body)}</span>
    </button>
  );
}

function Actions(props: {
  readonly message: Message;
  readonly own: boolean;
  readonly moderates: boolean;
  readonly acts: MessageActs;
}) {
  const { message, own, acts } = props;
  const t = useText();
  return (
    <div className="message-actions" role="toolbar" aria-label={t('message.actions')}>
      <Act icon="smile" label={t('message.react')} onClick={(at) => acts.openPicker(message, at)} />
      <Act icon="reply" label={t('message.reply')} onClick={() => acts.reply(message)} />
      <Act icon="link" label={t('message.copyLink')} onClick={() => acts.copyLink(message)} />
      {own && <Act icon="pencil" label={t('message.edit')} onClick={() => acts.edit(message)} />}
      {(own || props.moderates) && <Act icon="trash" label={t('message.delete')} onClick={() => acts.remove(message)} />}
    </div>
  );
}

function Act(props: { readonly icon: IconName; readonly label: string; readonly onClick: (at: HTMLElement) => void }): ReactNode {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={props.label}
      title={props.label}
      onClick={({ currentTarget }) => props.onClick(currentTarget)}
    >
      <Icon name={props.icon} />
    </button>
  );
}

/** Where a message can be found again, for others as well. */
export const linkTo = (roomId: string, messageId: string): string => new URL(messageHref(roomId, messageId), location.href).href;
