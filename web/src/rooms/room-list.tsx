import type { Me } from '../session/documents.ts';
import type { Membership } from './documents.ts';
import { roomName } from './room-name.ts';

/** The viewer's rooms with what is unread in each. */
export function RoomList(props: {
  readonly me: Me;
  readonly memberships: readonly Membership[];
  readonly openId: string | null;
}) {
  return (
    <nav aria-label="Rooms">
      <ul className="rooms">
        {props.memberships.map(({ room, unreadCount }) => (
          <li key={room.id}>
            <a href={`#room/${room.id}`} aria-current={room.id === props.openId ? 'page' : undefined}>
              <span className="name" dir="auto">
                {roomName(room, props.me)}
              </span>
              {unreadCount > 0 && (
                <span className="unread">
                  {unreadCount}
                  <span className="hidden"> unread</span>
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
