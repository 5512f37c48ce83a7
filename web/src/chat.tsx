import { useCallback, useEffect, useMemo, useState } from 'react';
import { isByTouch } from './base/by-touch.ts';
import { Icon } from './base/icons.tsx';
import { whenIdle } from './base/idle.ts';
import { later } from './base/later.tsx';
import { DIRECTORY_HREF, go, HOME_HREF, roomHref, useRoute } from './base/route.ts';
import type { Api } from './data/api.ts';
import { commandKey } from './i18n/keys.ts';
import { useText } from './i18n/text.ts';
import { prepareTimes } from './i18n/times.ts';
import { preparations } from './message/markdown.tsx';
import { createNotifier, type Notifier } from './notify/notifier.ts';
import { readSince } from './notify/read-since.ts';
import { useBadge } from './notify/use-badge.ts';
import { openOutbox } from './room/open-outbox.ts';
import { Room } from './room/room.tsx';
import { RoomOutline } from './room/skeleton.tsx';
import type { Membership, ViewerEvent } from './rooms/documents.ts';
import { createPresences } from './rooms/presences.ts';
import { roomName } from './rooms/room-name.ts';
import { type Opening, Sidebar } from './rooms/sidebar.tsx';
import { useMemberships } from './rooms/use-memberships.ts';
import type { Me } from './session/documents.ts';
import { type Here, HereContext } from './session/here.ts';
import { Toasts, useToasts } from './toasts.tsx';

const Directory = later(() => import('./rooms/directory.tsx'));
const CreateRoom = later(() => import('./rooms/create-room.tsx'));
const NewDirect = later(() => import('./rooms/new-direct.tsx'));
const Switcher = later(() => import('./rooms/switcher.tsx'));
const Settings = later(() => import('./session/settings.tsx'));
const Shortcuts = later(() => import('./session/shortcuts.tsx'));

// The server has yet to say who is here and what there is.
for (const prepare of [prepareTimes, ...preparations]) whenIdle(prepare);

/** What one sees signed in: the rooms, and the open one. */
export function Chat(props: { readonly me: Me; readonly api: Api; readonly onSignOut: () => Promise<string | null> }) {
  const { me, api } = props;
  const t = useText();
  const route = useRoute();
  const [toasts, toast] = useToasts();
  const [outbox] = useState(() => openOutbox(api, me.id));
  const [presences] = useState(() => createPresences(api.client));
  const [opening, setOpening] = useState<Opening | 'shortcuts' | null>(null);
  const [visit, setVisit] = useState(0);
  const [notifier, setNotifier] = useState<Notifier | null>(null);
  const close = () => setOpening(null);

  const told = useCallback(
    (event: ViewerEvent) => {
      notifier?.heard(event);
      if (event.__typename === 'ViewerCaughtUp') presences.allStale();
      else if (event.__typename === 'ContactPresenceChanged') presences.told(event.user.id, event.user.presence);
    },
    [notifier, presences],
  );
  const memberships = useMemberships(told);
  const { list, loaded } = memberships;
  const open = list.find(({ room }) => room.id === route.roomId);
  const unread = list.reduce((sum, { unreadCount }) => sum + unreadCount, 0);
  useBadge(open ? roomName(open.room, me) : route.directory ? t('directory.title') : null, unread);

  useEffect(() => {
    const own = createNotifier(me, readSince(api.client));
    setNotifier(own);
    return () => own.close();
  }, [me, api]);
  useEffect(() => notifier?.showing(route.roomId), [notifier, route.roomId]);
  useShortcuts(setOpening, list, route.roomId);

  const here: Here = useMemo(() => ({ me, api, outbox, presences, toast }), [me, api, outbox, presences, toast]);
  const joined = useMemo(() => new Set(list.map(({ room }) => room.id)), [list]);
  const inside = route.roomId !== null || route.directory;
  return (
    <HereContext value={here}>
      <button type="button" className="skip" onClick={() => document.getElementById('messages')?.focus()}>
        {t('app.skip')}
      </button>
      <div className={inside ? 'chat inside' : 'chat'}>
        <Sidebar memberships={memberships} route={route} onOpen={setOpening} />
        <main className="stage">
          {route.roomId !== null ? (
            // The list says where the reader was: so a room waits for it. It comes on the same connection.
            loaded ? (
              <Room
                key={`${route.roomId} ${visit}`}
                roomId={route.roomId}
                route={route}
                membership={open}
                onJoined={() => setVisit(visit + 1)}
              />
            ) : (
              <RoomOutline />
            )
          ) : route.directory ? (
            <Directory joined={joined} onCreate={() => setOpening('create')} />
          ) : !loaded ? null : list.length === 0 ? (
            <div className="blank">
              <Icon name="compass" />
              <h1>{t('rooms.empty')}</h1>
              <p className="quiet">{t('rooms.emptyHint')}</p>
              <div className="actions">
                <a className="button primary" href={DIRECTORY_HREF}>
                  {t('rooms.browse')}
                </a>
                <button type="button" className="button" onClick={() => setOpening('create')}>
                  {t('rooms.new')}
                </button>
              </div>
            </div>
          ) : (
            <div className="blank">
              <Icon name="message" />
              <h1>{t('rooms.choose')}</h1>
              {!isByTouch() && <p className="quiet">{t('rooms.chooseHint', { keys: `${commandKey()} K` })}</p>}
            </div>
          )}
        </main>
      </div>
      {opening === 'create' && <CreateRoom onClose={close} />}
      {opening === 'direct' && <NewDirect onClose={close} />}
      {opening === 'switcher' && <Switcher memberships={list} onClose={close} />}
      {opening === 'settings' && (
        <Settings onClose={close} onShortcuts={() => setOpening('shortcuts')} onSignOut={props.onSignOut} />
      )}
      {opening === 'shortcuts' && <Shortcuts onClose={close} />}
      <Toasts toasts={toasts} />
    </HereContext>
  );
}

function useShortcuts(open: (what: 'switcher' | 'shortcuts') => void, list: readonly Membership[], roomId: string | null): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const command = event.ctrlKey || event.metaKey;
      const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (command && event.key.toLowerCase() === 'k') open('switcher');
      else if (event.key === '?' && !typing && !command) open('shortcuts');
      else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown') && list.length > 0) {
        const at = list.findIndex(({ room }) => room.id === roomId);
        const next =
          list[
            (at + (event.key === 'ArrowDown' ? 1 : list.length - 1) + (at < 0 && event.key === 'ArrowUp' ? 1 : 0)) % list.length
          ];
        go(next ? roomHref(next.room.id) : HOME_HREF);
      } else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [open, list, roomId]);
}
