import type { ReactNode } from 'react';
import { Avatar } from '../base/avatar.tsx';
import { Bones } from '../base/bones.tsx';
import { isByTouch } from '../base/by-touch.ts';
import { Icon } from '../base/icons.tsx';
import { DIRECTORY_HREF, type Route, roomHref } from '../base/route.ts';
import { useStore } from '../base/store.ts';
import { commandKey } from '../i18n/keys.ts';
import { useText } from '../i18n/text.ts';
import { NotifyPrompt } from '../notify/notify-prompt.tsx';
import { LinkText } from '../room/link-strip.tsx';
import { useHere } from '../session/here.ts';
import { Mark } from '../session/mark.tsx';
import type { Membership } from './documents.ts';
import { PresenceDot } from './presence-dot.tsx';
import { otherIn, roomName } from './room-name.ts';
import type { Memberships } from './use-memberships.ts';

/** What can be opened from the list of rooms. */
export type Opening = 'create' | 'direct' | 'switcher' | 'settings';

/** The viewer's rooms with what is unread in each, and the ways to others. */
export function Sidebar(props: {
  readonly memberships: Memberships;
  readonly route: Route;
  readonly onOpen: (what: Opening) => void;
}) {
  const { memberships, route, onOpen } = props;
  const { me, api } = useHere();
  const t = useText();
  const link = useStore(api.connection.state);
  const direct = memberships.list.filter(({ room }) => room.kind === 'DIRECT');
  const rooms = memberships.list.filter(({ room }) => room.kind !== 'DIRECT');
  return (
    <aside className="sidebar">
      <header className="bar">
        <Mark />
        <strong className="brand">Parley</strong>
      </header>
      <button type="button" className="jump" onClick={() => onOpen('switcher')}>
        <Icon name="search" />
        <span>{t('rooms.jump')}</span>
        {!isByTouch() && <kbd>{commandKey()} K</kbd>}
      </button>
      {memberships.fault !== null && (
        <p role="alert" className="fault">
          {memberships.fault}
        </p>
      )}
      <nav aria-label={t('rooms.title')}>
        <Section title={t('rooms.section')} action={t('rooms.new')} onAction={() => onOpen('create')}>
          {memberships.loaded ? <Entries memberships={rooms} route={route} /> : <Bones as="li" className="entry" count={8} />}
          {memberships.loaded && memberships.list.length === 0 && <li className="quiet">{t('rooms.empty')}</li>}
          {/* How many rooms come nobody knows yet: what follows them waits, so that it need not move. */}
          {memberships.loaded && (
            <li>
              <a className="entry way" href={DIRECTORY_HREF} aria-current={route.directory ? 'page' : undefined}>
                <Icon name="compass" />
                <span className="name">{t('rooms.browse')}</span>
              </a>
            </li>
          )}
        </Section>
        {memberships.loaded && (
          <Section title={t('rooms.direct')} action={t('rooms.newDirect')} onAction={() => onOpen('direct')}>
            <Entries memberships={direct} route={route} />
            {direct.length === 0 && (
              <li>
                <button type="button" className="entry way" onClick={() => onOpen('direct')}>
                  <Icon name="message" />
                  <span className="name">{t('rooms.firstDirect')}</span>
                </button>
              </li>
            )}
          </Section>
        )}
      </nav>
      <NotifyPrompt />
      <footer className="account">
        <button type="button" className="account-button" title={t('account.menu')} onClick={() => onOpen('settings')}>
          <span className="hidden">{t('account.menu')}</span>
          <Avatar id={me.id} name={me.displayName} />
          <span className="who">
            <bdi className="me">{me.displayName}</bdi>
            <span className={`link-state ${link.is}`}>
              {t(link.is === 'waiting' ? 'link.connecting' : link.is === 'offline' ? 'link.away' : `link.${link.is}`)}
            </span>
          </span>
          <Icon name="gear" />
        </button>
      </footer>
      {route.roomId === null && link.is !== 'live' && (
        <div className="link-strip narrow" role="status">
          <LinkText link={link} />
        </div>
      )}
    </aside>
  );
}

function Section(props: {
  readonly title: string;
  readonly action: string;
  readonly onAction: () => void;
  readonly children: ReactNode;
}) {
  return (
    <section className="rooms-section">
      <header>
        <h2>{props.title}</h2>
        <button type="button" className="icon-button" aria-label={props.action} title={props.action} onClick={props.onAction}>
          <Icon name="plus" />
        </button>
      </header>
      <ul>{props.children}</ul>
    </section>
  );
}

function Entries({ memberships, route }: { readonly memberships: readonly Membership[]; readonly route: Route }) {
  const { me } = useHere();
  const t = useText();
  return memberships.map(({ room, unreadCount }) => {
    const other = otherIn(room, me);
    return (
      <li key={room.id}>
        <a
          className={unreadCount > 0 ? 'entry has-unread' : 'entry'}
          href={roomHref(room.id)}
          aria-current={room.id === route.roomId ? 'page' : undefined}
        >
          {other ? (
            <span className="with-dot">
              <Avatar id={other.id} name={other.displayName} small />
              <PresenceDot userId={other.id} />
            </span>
          ) : (
            <Icon name={room.kind === 'PRIVATE' ? 'lock' : 'hash'} />
          )}
          <span className="name">
            <bdi>{roomName(room, me)}</bdi>
          </span>
          {room.kind === 'PRIVATE' && <span className="hidden">{t('rooms.private')}</span>}
          {unreadCount > 0 && (
            <span className={other ? 'unread personal' : 'unread'}>
              <span aria-hidden="true">{unreadCount > 999 ? '999+' : unreadCount}</span>
              <span className="hidden">{t('rooms.unread', { count: unreadCount })}</span>
            </span>
          )}
        </a>
      </li>
    );
  });
}
