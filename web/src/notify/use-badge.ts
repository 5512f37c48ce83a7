import { useEffect } from 'react';
import icon from '../icon.svg';
import iconUnread from '../icon-unread.svg';

/** Shows in the title and the icon of the tab where one is, and how much is unread. */
export function useBadge(place: string | null, unread: number): void {
  useEffect(() => {
    const count = unread > 0 ? `(${unread > 999 ? '999+' : unread}) ` : '';
    document.title = `${count}${place === null ? 'Parley' : `${place} – Parley`}`;
    document.querySelector('link[rel=icon]')?.setAttribute('href', unread > 0 ? iconUnread : icon);
  }, [place, unread]);
}
