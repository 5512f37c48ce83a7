import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { Avatar } from '../base/avatar.tsx';
import { BackLink } from '../base/back-link.tsx';
import { isByTouch } from '../base/by-touch.ts';
import { Confirm } from '../base/dialog.tsx';
import { Icon } from '../base/icons.tsx';
import { later } from '../base/later.tsx';
import { DIRECTORY_HREF, type Route } from '../base/route.ts';
import { useStore } from '../base/store.ts';
import { isLookedAt, useLookedAt } from '../base/visible.ts';
import { textOf } from '../errors.ts';
import { useText } from '../i18n/text.ts';
import { excerpt } from '../message/markdown.tsx';
import { linkTo, type MessageActs, MessageLine } from '../message/message-line.tsx';
import { PendingLine } from '../message/pending-line.tsx';
import { JoinRoomMutation, type Membership } from '../rooms/documents.ts';
import { PresenceDot, PresenceWords } from '../rooms/presence-dot.tsx';
import { otherIn, roomName } from '../rooms/room-name.ts';
import { useHere } from '../session/here.ts';
import { Announcer, useAnnouncements } from './announcer.tsx';
import { Composer, type Writing } from './composer.tsx';
import {
  DeleteMessageMutation,
  EditMessageMutation,
  MembersQuery,
  type Message,
  type RoomEvent,
  RoomQuery,
  SetTypingMutation,
} from './documents.ts';
import { draftOf, keepDraft } from './drafts.ts';
import { LinkStrip } from './link-strip.tsx';
import { isPending, MessageList, type Row, type Target, ToNewest } from './message-list.tsx';
import type { Pending } from './outbox.ts';
import { readersOf } from './receipts.ts';
import { RoomSkeleton } from './skeleton.tsx';
import { TypingLine } from './typing-line.tsx';
import { useMarkRead } from './use-mark-read.ts';
import { useReactions } from './use-reactions.ts';
import { type Ended, useRoom } from './use-room.ts';

const RoomPanel = later(() => import('./room-panel.tsx'));
const Replies = later(() => import('../message/replies.tsx'));
const EmojiPicker = later(() => import('../emoji/picker.tsx'));

/** How much of a name the field for writing shows. */
const NAME_MOST = 40;

/** One room: who and what, its messages, and where to write. Give another room a new component (`key`). */
export function Room(props: {
  readonly roomId: string;
  readonly route: Route;
  readonly membership: Membership | undefined;
  readonly onJoined: () => void;
}) {
  const { roomId, membership } = props;
  const { me, api, outbox, toast } = useHere();
  const t = useText();
  const client = useClient();
  const field = useRef<HTMLTextAreaElement>(null);
  const log = useRef<HTMLDivElement>(null);
  const details = useRef<HTMLButtonElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [unreadAbove, setUnreadAbove] = useState(false);
  const [missed, setMissed] = useState(0);
  const [writing, setWriting] = useState<Writing>({ kind: 'new' });
  const [target, setTarget] = useState<Target | null>(null);
  const [removing, setRemoving] = useState<Message | null>(null);
  const [picking, setPicking] = useState<Message | null>(null);
  const [answered, setAnswered] = useState<Message | null>(null);
  const [panel, setPanel] = useState(false);
  const [live] = useState(() => ({ atEnd: true, newestId: null as string | null, away: false }));
  const [said, announce] = useAnnouncements();

  // Where the reader was when the room was opened, or the page left.
  const [readUpTo, setReadUpTo] = useState(() =>
    membership && membership.unreadCount > 0 ? membership.lastReadMessageId : null,
  );
  const told = useCallback(
    (event: RoomEvent) => {
      if (event.__typename !== 'MessageSent') return;
      const { message } = event;
      const before = live.newestId;
      live.newestId = message.id;
      if (message.author?.id === me.id) return;
      announce(message);
      if (!live.atEnd) setMissed((count) => count + 1);
      if (isLookedAt()) return;
      // Who had read everything when they looked away goes on from there.
      const hadReadAll = live.atEnd && !live.away;
      live.away = true;
      setReadUpTo((now) => (hadReadAll ? before : (now ?? before)));
    },
    [announce, live, me],
  );
  const looking = useLookedAt();
  useEffect(() => {
    if (looking) live.away = false;
  }, [looking, live]);
  const room = useRoom(roomId, told);
  const state = useStore(room.timeline);
  const { shown, ready, newest } = state;
  live.newestId = newest?.id ?? null;
  const link = useStore(api.connection.state);

  const messages = shown.messages;
  const pending = usePending(roomId, messages);
  const rows: readonly Row[] = useMemo(
    () => (pending.length === 0 || shown.later !== null ? messages : [...messages, ...pending]),
    [messages, pending, shown.later],
  );

  const [{ data: about }] = useQuery({ query: RoomQuery, variables: { roomId }, pause: !ready && room.ended === null });
  const [{ data: members }] = useQuery({ query: MembersQuery, variables: { roomId }, pause: !ready });
  const people = useMemo(() => members?.room?.members.nodes ?? [], [members]);
  const nameable = useMemo(() => people.map(({ user }) => user).filter(({ id }) => id !== me.id), [people, me.id]);
  const readers = useMemo(
    () => readersOf(people, messages, room.timeline.indexOf, me.id),
    [people, messages, room.timeline, me.id],
  );
  const name = membership ? roomName(membership.room, me) : (about?.room?.name ?? t('rooms.fallback'));
  const topic = about?.room?.topic ?? membership?.room.topic ?? null;
  const kind = membership?.room.kind ?? about?.room?.kind;
  const isDirect = kind === 'DIRECT';
  const other = membership ? otherIn(membership.room, me) : null;
  const moderates = !isDirect && membership !== undefined && membership.role !== 'MEMBER';
  useMarkRead(roomId, newest?.id, membership?.unreadCount ?? 0, atEnd && ready && shown.later === null);

  const goTo = useCallback(
    async (id: string, highlight = true) => {
      if (await room.show(id)) setTarget({ id, highlight });
      else toast(t('message.gone'));
    },
    [room.show, toast, t],
  );
  const { messageId } = props.route;
  useEffect(() => {
    // Who goes to a room by mouse or keyboard may write at once; a message that was gone to keeps the eye.
    if (ready && messageId === null && !isByTouch()) field.current?.focus({ preventScroll: true });
  }, [ready, messageId]);
  useEffect(() => {
    if (ready && messageId !== null) void goTo(messageId);
  }, [ready, messageId, goTo]);

  const toNewest = () => {
    room.timeline.showNewest();
    room.timeline.flush();
    setMissed(0);
    setTarget({ id: null, highlight: false });
  };
  const toBeginning = async () => {
    await room.showBeginning();
    const first = room.timeline.get().shown.messages[0];
    if (first) setTarget({ id: first.id, highlight: false });
  };
  const onLook = useCallback(
    (now: boolean, above: boolean) => {
      live.atEnd = now;
      setAtEnd(now);
      setUnreadAbove(above);
      if (now) setMissed(0);
    },
    [live],
  );

  const { mine, toggle } = useReactions(room.timeline);
  const acts: MessageActs = useMemo(
    () => ({
      react: toggle,
      openPicker: setPicking,
      reply: (message) => {
        setWriting({ kind: 'reply', id: message.id, name: message.author?.displayName ?? '', body: message.body });
        field.current?.focus();
      },
      edit: (message) => setWriting({ kind: 'edit', id: message.id, body: message.body }),
      remove: setRemoving,
      copyLink: (message) =>
        void copy(linkTo(roomId, message.id)).then((done) => toast(t(done ? 'message.copied' : 'message.copyFault'))),
      jumpTo: (id) => void goTo(id),
      showReplies: setAnswered,
    }),
    [toggle, roomId, toast, goTo, t],
  );

  const send = (body: string) => {
    const replyTo = writing.kind === 'reply' ? { id: writing.id, name: writing.name, body: writing.body } : null;
    outbox.send(roomId, body, replyTo);
    setWriting({ kind: 'new' });
    setReadUpTo(null);
    toNewest();
  };
  const edit = async (id: string, body: string) => {
    setWriting({ kind: 'new' });
    const before = room.timeline.find(id);
    if (!before || before.body === body) return;
    const asked = { ...before, body };
    put(asked);
    const { data, error } = await client.mutation(EditMessageMutation, { messageId: id, body });
    const now = room.timeline.find(id);
    // The answer, which comes another way, may be older than events that have come since.
    if (now === asked) put(data?.editMessage.message ?? before);
    if (!error) return;
    if (now && now !== asked && now.body === body) put({ ...now, body: before.body });
    toast(textOf(error));
    // What was written is not lost.
    setWriting((now) => (now.kind === 'new' ? { kind: 'edit', id, body } : now));
  };
  const remove = async ({ id }: Message) => {
    const { data, error } = await client.mutation(DeleteMessageMutation, { messageId: id });
    if (data) put(data.deleteMessage.message);
    if (error) toast(textOf(error));
  };
  const put = (message: Message) => {
    room.timeline.replace(message);
    room.timeline.flush();
  };
  const closePanel = () => {
    setPanel(false);
    details.current?.focus();
  };
  const editLast = () => {
    const last = messages.findLast(
      ({ kind, author, deletedAt }) => kind === 'TEXT' && author?.id === me.id && deletedAt === null,
    );
    if (last) setWriting({ kind: 'edit', id: last.id, body: last.body });
  };

  const draw = (row: Row, joined: boolean) =>
    'taken' in row ? (
      <PendingLine entry={row} outbox={outbox} me={me} joined={joined} isLive={link.is === 'live'} />
    ) : (
      <MessageLine message={row} joined={joined} meId={me.id} moderates={moderates} acts={acts} mine={mine} />
    );
  const memberCount = about?.room?.memberCount;

  return (
    <section className="room" aria-label={name}>
      <header className="bar">
        <BackLink />
        {other ? (
          <span className="with-dot">
            <Avatar id={other.id} name={other.displayName} />
            <PresenceDot userId={other.id} />
          </span>
        ) : (
          kind && <Icon name={kind === 'PRIVATE' ? 'lock' : 'hash'} />
        )}
        <div className="room-title">
          <h1>
            <bdi>{name}</bdi>
          </h1>
          {other && (
            <p className="topic">
              @{other.username}
              <PresenceWords userId={other.id} />
            </p>
          )}
          {topic !== null && (
            <p className="topic" title={topic}>
              <bdi>{topic}</bdi>
            </p>
          )}
        </div>
        {room.ended === null && (
          <button
            ref={details}
            type="button"
            className="button ghost members-button"
            aria-expanded={panel}
            title={t('room.details')}
            disabled={!ready}
            onClick={() => setPanel(!panel)}
          >
            <span className="hidden">{t('room.details')}</span>
            <Icon name="people" />
            <span className="member-count">{memberCount ?? ''}</span>
          </button>
        )}
      </header>
      <LinkStrip />
      {room.reset !== null && (
        <div className="notice" role="status">
          <span>{t(`room.reset.${room.reset}`)}</span>
          <button type="button" className="icon-button" aria-label={t('dialog.close')} onClick={room.dismissReset}>
            <Icon name="close" />
          </button>
        </div>
      )}
      {room.ended !== null && !ready ? (
        <NoEntry why={room.ended} roomId={roomId} onJoined={props.onJoined} />
      ) : ready ? (
        <>
          <MessageList
            stretch={shown}
            rows={rows}
            room={room}
            meId={me.id}
            readUpTo={readUpTo}
            target={target}
            readers={readers}
            beginning={
              <div className="beginning">
                {other ? <Avatar id={other.id} name={other.displayName} /> : <Icon name={kind === 'PRIVATE' ? 'lock' : 'hash'} />}
                <p>
                  <strong>
                    <bdi>{name}</bdi>
                  </strong>
                </p>
                <p>{other ? t('room.beginDirect', { name: other.displayName }) : t('room.begin')}</p>
                {room.ended === null && !rows.some((row) => isPending(row) || row.kind === 'TEXT') && (
                  <p>
                    {t('room.empty')} {t('room.emptyHint')}
                  </p>
                )}
              </div>
            }
            draw={draw}
            onLook={onLook}
            onBeginning={() => void toBeginning()}
            onNewest={toNewest}
            onLeave={() => field.current?.focus()}
            logRef={log}
          />
          <div className="chips">
            {unreadAbove && (
              <button type="button" className="to-newest" onClick={() => readUpTo !== null && void goTo(readUpTo, false)}>
                {t('room.firstUnread')}
              </button>
            )}
            {(!atEnd || shown.later !== null) && <ToNewest count={missed} onClick={toNewest} />}
          </div>
        </>
      ) : (
        <RoomSkeleton />
      )}
      <Announcer text={said} />
      {room.ended === null ? (
        <>
          <TypingLine typists={room.typists} />
          <Composer
            roomId={roomId}
            placeholder={t('composer.placeholder', { room: excerpt(name, NAME_MOST) })}
            draft={draftOf(me.id, roomId)}
            people={nameable}
            morePeople={members?.room?.members.pageInfo.hasNextPage ?? false}
            writing={writing}
            fieldRef={field}
            onDraft={(text) => keepDraft(me.id, roomId, text)}
            onSend={send}
            onEdit={edit}
            onCancel={() => setWriting({ kind: 'new' })}
            onEditLast={editLast}
            onTyping={() => void client.mutation(SetTypingMutation, { roomId }).toPromise()}
          />
        </>
      ) : (
        ready && (
          <p className="notice" role="alert">
            {t('room.removed')}
          </p>
        )
      )}
      {panel && ready && <RoomPanel roomId={roomId} name={name} membership={membership} onClose={closePanel} />}
      {picking && (
        <EmojiPicker
          onPick={(emoji) => {
            toggle(picking, emoji, true);
            setPicking(null);
          }}
          onClose={() => setPicking(null)}
        />
      )}
      {answered && (
        <Replies
          message={answered}
          onJump={(id) => {
            setAnswered(null);
            void goTo(id);
          }}
          onClose={() => setAnswered(null)}
        />
      )}
      {removing && (
        <Confirm
          title={t('message.deleteAsk')}
          hint={t('message.deleteHint')}
          action={t('message.delete')}
          onConfirm={() => void remove(removing)}
          onClose={() => setRemoving(null)}
        >
          <blockquote className="excerpt" dir="auto">
            {excerpt(removing.body)}
          </blockquote>
        </Confirm>
      )}
    </section>
  );
}

/** Why a room does not open, and what can be done about it. */
function NoEntry({ why, roomId, onJoined }: { readonly why: Ended; readonly roomId: string; readonly onJoined: () => void }) {
  const t = useText();
  const client = useClient();
  const [fault, setFault] = useState<string | null>(null);
  const join = async () => {
    const { error } = await client.mutation(JoinRoomMutation, { roomId });
    if (error) setFault(textOf(error));
    else onJoined();
  };
  return (
    <div className="blank" role="alert">
      <Icon name={why === 'not-member' ? 'people' : 'search'} />
      <p>{t(why === 'not-found' ? 'room.notFound' : why === 'removed' ? 'room.removed' : 'room.notMember')}</p>
      {why === 'not-member' && (
        <button type="button" className="button primary" onClick={join}>
          {t('room.join')}
        </button>
      )}
      {why !== 'not-member' && (
        <a className="button" href={DIRECTORY_HREF}>
          {t('rooms.browse')}
        </a>
      )}
      {fault && <p className="fault">{fault}</p>}
    </div>
  );
}

const NOTHING: readonly Pending[] = [];

/** What is on its way to this room and not among its messages yet. */
function usePending(roomId: string, messages: readonly Message[]): readonly Pending[] {
  const { outbox } = useHere();
  const [store] = useState(() => ({ get: outbox.pending, watch: outbox.watch }));
  const all = useStore(store);
  const list = useMemo(() => {
    const here = all.filter((entry) => entry.roomId === roomId);
    if (here.length === 0) return NOTHING;
    // What was sent stands near the end.
    const seen = new Set(messages.slice(-500).map(({ idempotencyKey }) => idempotencyKey));
    return here.filter(({ key }) => !seen.has(key));
  }, [all, roomId, messages]);
  useEffect(() => {
    const here = all.filter((entry) => entry.roomId === roomId && !list.includes(entry));
    if (here.length > 0) outbox.drop(new Set(here.map(({ key }) => key)));
  }, [all, list, outbox, roomId]);
  return list;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
