import { useEffect, useState } from 'react';
import { useStore } from '../base/store.ts';
import { useText } from '../i18n/text.ts';
import type { LinkState } from '../live/connection.ts';
import { useHere } from '../session/here.ts';

/** Says how the connection stands, while it does not. The first try mostly is over at once and not worth a word. */
export function LinkStrip() {
  const { api } = useHere();
  const link = useStore(api.connection.state);
  return (
    <div className="link-strip" role="status" data-link={link.is}>
      {link.is !== 'live' && <LinkText link={link} />}
    </div>
  );
}

/** The same in words. */
export function LinkText({ link }: { readonly link: LinkState }) {
  const t = useText();
  if (link.is === 'waiting') return <Countdown until={link.until} retry={link.retry} />;
  return <p className={link.is === 'connecting' && !link.again ? 'late' : ''}>{t(`link.${link.is}`)}</p>;
}

function Countdown({ until, retry }: { readonly until: number; readonly retry: () => void }) {
  const t = useText();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const count = Math.max(1, Math.ceil((until - now) / 1000));
  return (
    <p>
      {/* Told once to those who listen, not every second. */}
      <span aria-hidden="true">{t('link.waiting', { count })}</span>
      <span className="hidden">{t('link.connecting')}</span>{' '}
      <button type="button" className="link" onClick={retry}>
        {t('link.retry')}
      </button>
    </p>
  );
}
