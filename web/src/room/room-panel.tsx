import { type SubmitEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { Avatar } from '../base/avatar.tsx';
import { Bones } from '../base/bones.tsx';
import { Confirm, Dialog } from '../base/dialog.tsx';
import { Icon } from '../base/icons.tsx';
import { go, HOME_HREF, roomHref } from '../base/route.ts';
import { textOf } from '../errors.ts';
import { useText } from '../i18n/text.ts';
import {
  AddMemberMutation,
  LeaveRoomMutation,
  type Membership,
  OpenDirectRoomMutation,
  RemoveMemberMutation,
  SetMemberRoleMutation,
  UpdateRoomMutation,
} from '../rooms/documents.ts';
import { PeopleSearch } from '../rooms/people-search.tsx';
import { PresenceDot } from '../rooms/presence-dot.tsx';
import { useHere } from '../session/here.ts';
import { FindMembersQuery, type Member, MembersQuery, RoomQuery } from './documents.ts';

/** How many members are too many to look through. */
const MANY = 20;
const ROLES = ['OWNER', 'MODERATOR', 'MEMBER'] as const;

/** Who is in the room, and what the viewer may do about it. */
export default function RoomPanel(props: {
  readonly roomId: string;
  readonly name: string;
  readonly membership: Membership | undefined;
  readonly onClose: () => void;
}) {
  const { roomId, name, membership } = props;
  const t = useText();
  const client = useClient();
  const { toast } = useHere();
  const [asking, setAsking] = useState<'leave' | 'add' | 'edit' | Member | null>(null);
  const [search, setSearch] = useState('');
  const asked = useDeferredValue(search.trim());
  const [pages, setPages] = useState<readonly (string | undefined)[]>([undefined]);
  const [{ data }] = useQuery({ query: RoomQuery, variables: { roomId } });
  const [{ data: known }] = useQuery({ query: MembersQuery, variables: { roomId } });
  const present = useMemo(() => new Set(known?.room?.members.nodes.map(({ user }) => user.id)), [known]);
  const room = data?.room;
  const isDirect = room?.kind === 'DIRECT';
  const role = membership?.role ?? 'MEMBER';
  const moderates = !isDirect && role !== 'MEMBER';

  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);

  const leave = async () => {
    const { error } = await client.mutation(LeaveRoomMutation, { roomId });
    if (error) toast(textOf(error));
    else go(HOME_HREF);
  };
  const remove = async (userId: string) => {
    const { error } = await client.mutation(RemoveMemberMutation, { roomId, userId });
    if (error) toast(textOf(error));
  };
  const add = async (userId: string) => {
    setAsking(null);
    const { error } = await client.mutation(AddMemberMutation, { roomId, userId });
    if (error) toast(textOf(error));
  };

  return (
    <aside
      className="panel"
      aria-label={t('settings.title')}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) props.onClose();
      }}
    >
      <header className="bar">
        <h2>{t('settings.title')}</h2>
        <button ref={close} type="button" className="icon-button" aria-label={t('dialog.close')} onClick={props.onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div className="panel-body">
        {!isDirect && (
          <section className="about">
            <h3>
              <bdi>{name}</bdi>
            </h3>
            <p className={room?.topic ? '' : 'quiet'}>
              <bdi>{room?.topic ?? t('room.noTopic')}</bdi>
            </p>
            {moderates && (
              <button type="button" className="button" onClick={() => setAsking('edit')}>
                <Icon name="pencil" /> {t('settings.edit')}
              </button>
            )}
          </section>
        )}
        <section>
          <h3>
            {t('members.title')} <small>{room?.memberCount ?? ''}</small>
          </h3>
          {!isDirect && (
            <button type="button" className="button" onClick={() => setAsking('add')}>
              <Icon name="plus" /> {t('members.add')}
            </button>
          )}
          {(room?.memberCount ?? 0) > MANY && (
            <input
              type="search"
              aria-label={t('members.search')}
              placeholder={t('members.search')}
              value={search}
              maxLength={100}
              onChange={({ target }) => setSearch(target.value)}
            />
          )}
          <ul className="members">
            {asked !== '' && (
              <FoundMembers roomId={roomId} search={asked} viewerRole={isDirect ? null : role} onRemove={setAsking} />
            )}
            {asked === '' &&
              pages.map((after, at) => (
                <MembersPage
                  key={after ?? ''}
                  roomId={roomId}
                  after={after}
                  viewerRole={isDirect ? null : role}
                  onRemove={setAsking}
                  onMore={at === pages.length - 1 ? (next) => setPages([...pages, next]) : null}
                />
              ))}
          </ul>
        </section>
        {!isDirect && membership && (
          <button type="button" className="button danger-quiet" onClick={() => setAsking('leave')}>
            {t('settings.leave')}
          </button>
        )}
      </div>
      {asking === 'leave' && (
        <Confirm
          title={t('settings.leaveAsk', { room: name })}
          hint={t(room?.kind === 'PRIVATE' ? 'settings.leavePrivateHint' : 'settings.leaveHint')}
          action={t('settings.leave')}
          onConfirm={() => void leave()}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'add' && (
        <Dialog title={t('members.add')} onClose={() => setAsking(null)}>
          <PeopleSearch present={present} onPick={({ id }) => void add(id)} />
        </Dialog>
      )}
      {asking === 'edit' && room && <EditRoom room={room} onClose={() => setAsking(null)} />}
      {asking !== null && typeof asking === 'object' && (
        <Confirm
          title={t('members.removeAsk', { name: asking.user.displayName, room: name })}
          action={t('members.remove')}
          onConfirm={() => void remove(asking.user.id)}
          onClose={() => setAsking(null)}
        />
      )}
    </aside>
  );
}

function MembersPage(props: {
  readonly roomId: string;
  readonly after: string | undefined;
  readonly viewerRole: Membership['role'] | null;
  readonly onRemove: (member: Member) => void;
  readonly onMore: ((after: string) => void) | null;
}) {
  const t = useText();
  const variables = props.after === undefined ? { roomId: props.roomId } : { roomId: props.roomId, after: props.after };
  const [{ data, error }] = useQuery({ query: MembersQuery, variables });
  const page = data?.room?.members;
  const { onMore } = props;
  return (
    <>
      {!data && !error && <Bones as="li" className="member-bone" count={4} twoLines />}
      {!data && error && (
        <li role="alert" className="fault">
          {textOf(error)}
        </li>
      )}
      {page?.nodes.map((member) => (
        <MemberLine key={member.user.id} member={member} viewerRole={props.viewerRole} onRemove={props.onRemove} />
      ))}
      {onMore && page?.pageInfo.hasNextPage && (
        <li>
          <button type="button" className="button ghost" onClick={() => onMore(page.pageInfo.endCursor ?? '')}>
            {t('members.more')}
          </button>
        </li>
      )}
    </>
  );
}

/** Those whose name has a word that begins so. */
function FoundMembers(props: {
  readonly roomId: string;
  readonly search: string;
  readonly viewerRole: Membership['role'] | null;
  readonly onRemove: (member: Member) => void;
}) {
  const { roomId, search } = props;
  const t = useText();
  const variables = { roomId, search, first: 50 };
  const [{ data }] = useQuery({ query: FindMembersQuery, variables, requestPolicy: 'cache-and-network' });
  const found = data?.room?.members.nodes ?? [];
  return (
    <>
      {found.map((member) => (
        <MemberLine key={member.user.id} member={member} viewerRole={props.viewerRole} onRemove={props.onRemove} />
      ))}
      {data && found.length === 0 && <li className="quiet">{t('people.none', { search })}</li>}
    </>
  );
}

function MemberLine(props: {
  readonly member: Member;
  readonly viewerRole: Membership['role'] | null;
  readonly onRemove: (member: Member) => void;
}) {
  const { member, viewerRole } = props;
  const { user, role } = member;
  const t = useText();
  const client = useClient();
  const { me, toast } = useHere();
  const isMe = user.id === me.id;
  const mayRemove = !isMe && (viewerRole === 'OWNER' || (viewerRole === 'MODERATOR' && role === 'MEMBER'));
  const setRole = async (next: Membership['role']) => {
    const variables = { roomId: member.room.id, userId: user.id, role: next };
    const { error } = await client.mutation(SetMemberRoleMutation, variables);
    if (error) toast(textOf(error));
  };
  const write = async () => {
    const { data, error } = await client.mutation(OpenDirectRoomMutation, { userId: user.id });
    if (error) toast(textOf(error));
    else if (data) go(roomHref(data.openDirectRoom.room.id));
  };
  return (
    <li className="member">
      <span className="with-dot">
        <Avatar id={user.id} name={user.displayName} />
        <PresenceDot userId={user.id} />
      </span>
      <span className="who">
        <span>
          <bdi>{user.displayName}</bdi> {isMe && <small>({t('people.you')})</small>}{' '}
          {user.isBot && <small className="tag">{t('people.bot')}</small>}
        </span>
        <small>@{user.username}</small>
      </span>
      {viewerRole === 'OWNER' ? (
        <select
          aria-label={t('members.role', { name: user.displayName })}
          value={role}
          onChange={({ target }) => void setRole(ROLES.find((one) => one === target.value) ?? 'MEMBER')}
        >
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {t(`role.${one}`)}
            </option>
          ))}
        </select>
      ) : (
        role !== 'MEMBER' && <small className="tag">{t(`role.${role}`)}</small>
      )}
      {!isMe && viewerRole !== null && (
        <button
          type="button"
          className="icon-button"
          aria-label={`${t('members.message')}: ${user.displayName}`}
          title={t('members.message')}
          onClick={() => void write()}
        >
          <Icon name="message" />
        </button>
      )}
      {mayRemove && (
        <button
          type="button"
          className="icon-button"
          aria-label={`${t('members.remove')}: ${user.displayName}`}
          title={t('members.remove')}
          onClick={() => props.onRemove(member)}
        >
          <Icon name="close" />
        </button>
      )}
    </li>
  );
}

function EditRoom(props: {
  readonly room: { readonly id: string; readonly name: string | null; readonly topic: string | null };
  readonly onClose: () => void;
}) {
  const { room } = props;
  const t = useText();
  const client = useClient();
  const [fault, setFault] = useState<string | null>(null);
  const save = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [name, topic] = [String(fields.get('name')), String(fields.get('topic'))];
    const { error } = await client.mutation(UpdateRoomMutation, { roomId: room.id, name, topic });
    if (error) setFault(textOf(error));
    else props.onClose();
  };
  return (
    <Dialog title={t('settings.edit')} onClose={props.onClose}>
      <form onSubmit={save}>
        <label className="field">
          {t('settings.name')}
          <input name="name" defaultValue={room.name ?? ''} required maxLength={80} dir="auto" />
        </label>
        <label className="field">
          <span>
            {t('settings.topic')} <small>{t('signIn.optional')}</small>
          </span>
          <input name="topic" defaultValue={room.topic ?? ''} maxLength={250} dir="auto" />
        </label>
        {fault && (
          <p role="alert" className="fault">
            {fault}
          </p>
        )}
        <div className="actions">
          <button type="button" className="button" onClick={props.onClose}>
            {t('dialog.cancel')}
          </button>
          <button type="submit" className="button primary">
            {t('settings.save')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
