import { useText } from '../i18n/text.ts';
import { useHere } from '../session/here.ts';
import { usePresence } from './presences.ts';

/** Whether that user is there: a dot, in words for those who cannot see it. Nothing while it is not known. */
export function PresenceDot({ userId }: { readonly userId: string }) {
  const t = useText();
  const { presences } = useHere();
  const online = usePresence(presences, userId);
  if (online === null) return null;
  const text = t(online ? 'presence.online' : 'presence.offline');
  return (
    <span className={online ? 'dot online' : 'dot'} title={text}>
      <span className="hidden">{text}</span>
    </span>
  );
}
