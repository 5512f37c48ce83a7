import { useState } from 'react';
import { useQuery } from 'urql';
import { Avatar } from '../base/avatar.tsx';
import { Bones } from '../base/bones.tsx';
import { Dialog } from '../base/dialog.tsx';
import { textOf } from '../errors.ts';
import { useText } from '../i18n/text.ts';
import { exactTimeOf, timeOf } from '../i18n/times.ts';
import { type Message, RepliesQuery } from '../room/documents.ts';
import { excerpt } from './markdown.tsx';

/** The answers to a message, oldest first. Choosing one goes there. */
export default function Replies(props: {
  readonly message: Message;
  readonly onJump: (id: string) => void;
  readonly onClose: () => void;
}) {
  const { message } = props;
  const t = useText();
  return (
    <Dialog
      title={t('message.repliesTitle', { name: message.author?.displayName ?? t('message.unknown') })}
      onClose={props.onClose}
    >
      <p className="excerpt" dir="auto">
        {excerpt(message.body)}
      </p>
      <ul className="found">
        <Page id={message.id} after={null} expected={message.replyCount} onJump={props.onJump} />
      </ul>
    </Dialog>
  );
}

function Page(props: {
  readonly id: string;
  readonly after: string | null;
  /** How many there are, as far as it is known. */
  readonly expected: number;
  readonly onJump: (id: string) => void;
}) {
  const { id, after, onJump } = props;
  const t = useText();
  const [more, setMore] = useState(false);
  const [{ data, error }] = useQuery({ query: RepliesQuery, variables: { id, after }, requestPolicy: 'cache-and-network' });
  if (error && !data)
    return (
      <li role="alert" className="fault">
        {textOf(error)}
      </li>
    );
  const page = data?.node?.__typename === 'Message' ? data.node.replies : null;
  if (!page) return <Bones as="li" className="found-bone" count={Math.min(Math.max(props.expected, 1), 6)} />;
  return (
    <>
      {page.nodes.map((reply) => {
        const name = reply.author?.displayName ?? t('message.unknown');
        return (
          <li key={reply.id}>
            <button type="button" className="reply" onClick={() => onJump(reply.id)}>
              <Avatar id={reply.author?.id ?? ''} name={name} small />
              <bdi className="author">{name}</bdi>{' '}
              <span className="what" dir="auto">
                {reply.deletedAt ? t('message.deleted') : excerpt(reply.body)}
              </span>{' '}
              <time dateTime={reply.createdAt} title={exactTimeOf(reply.createdAt)}>
                {timeOf(reply.createdAt)}
              </time>
            </button>
          </li>
        );
      })}
      {page.pageInfo.hasNextPage &&
        (more ? (
          <Page id={id} after={page.pageInfo.endCursor} expected={1} onJump={onJump} />
        ) : (
          <li>
            <button type="button" className="button" onClick={() => setMore(true)}>
              {t('directory.more')}
            </button>
          </li>
        ))}
    </>
  );
}
