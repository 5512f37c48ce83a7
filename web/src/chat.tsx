import { useState, useSyncExternalStore } from 'react';
import { openOutbox } from './room/open-outbox.ts';
import { Room } from './room/room.tsx';
import { RoomList } from './rooms/room-list.tsx';
import { roomName } from './rooms/room-name.ts';
import { useMemberships } from './rooms/use-memberships.ts';
import { useOpenRoom } from './rooms/use-open-room.ts';
import type { Me } from './session/documents.ts';
import type { Api } from './urql.ts';

/** What one sees signed in: the rooms, and the open one. */
export function Chat(props: { readonly me: Me; readonly api: Api; readonly onSignOut: () => Promise<string | null> }) {
  const { me, api } = props;
  const { memberships, loaded, fault } = useMemberships();
  const [outbox] = useState(() => openOutbox(api));
  const [signOutFault, setSignOutFault] = useState<string | null>(null);
  const connected = useSyncExternalStore(api.connection.watch, api.connection.isConnected);
  const openId = useOpenRoom();
  const open = memberships.find(({ room }) => room.id === openId);

  return (
    <main className={openId === null ? 'chat' : 'chat opened'}>
      <aside>
        <header className="bar">
          <h1>Parley</h1>
          <span className="me" title={me.username} dir="auto">
            {me.displayName}
          </span>
          <button type="button" className="link" onClick={async () => setSignOutFault(await props.onSignOut())}>
            Sign out
          </button>
        </header>
        {(signOutFault ?? fault) !== null && <p role="alert">{signOutFault ?? fault}</p>}
        <p role="status">{connected ? '' : <span className="offline late">Connecting …</span>}</p>
        {loaded && memberships.length === 0 && <p className="empty">You are in no room.</p>}
        <RoomList me={me} memberships={memberships} openId={openId} />
      </aside>
      {openId === null ? (
        <p className="room empty">Choose a room.</p>
      ) : (
        <Room
          key={openId}
          roomId={openId}
          name={open ? roomName(open.room, me) : 'Room'}
          unreadCount={open?.unreadCount ?? 0}
          outbox={outbox}
        />
      )}
    </main>
  );
}
