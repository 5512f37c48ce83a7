import { useText } from '../i18n/text.ts';
import { dayOf, timeOf } from '../i18n/times.ts';
import { useHere } from '../session/here.ts';
import { type Seen, usePresence } from './presences.ts';

/** Whether that user is there: a dot, in words for those who cannot see it. Nothing while it is not known. */
export function PresenceDot({ userId }: { readonly userId: string }) {
  const t = useText();
  const { presences } = useHere();
  const seen = usePresence(presences, userId);
  if (seen === null) return null;
  return (
    <span className={seen.online ? 'dot online' : 'dot'} title={wordsOf(seen, t)}>
      <span className="hidden">{t(seen.online ? 'presence.online' : 'presence.offline')}</span>
    </span>
  );
}

/** The same in words: that they are there, or when they last were. Nothing while it is not known. */
export function PresenceWords({ userId }: { readonly userId: string }) {
  const t = useText();
  const { presences } = useHere();
  const seen = usePresence(presences, userId);
  return seen && <span className="presence-words"> · {wordsOf(seen, t)}</span>;
}

function wordsOf({ online, lastSeenAt }: Seen, t: ReturnType<typeof useText>): string {
  if (online) return t('presence.online');
  if (lastSeenAt === null) return t('presence.offline');
  return t('presence.lastSeen', { day: dayOf(lastSeenAt), time: timeOf(lastSeenAt) });
}
