import { useState, useSyncExternalStore } from 'react';
import { keep, recall } from '../base/keep.ts';
import { useText } from '../i18n/text.ts';
import { useHere } from '../session/here.ts';
import { askToNotify, notifyState } from './permission.ts';

/** Offers notifications, once per user and browser: what is answered in one tab is answered in all. */
export function NotifyPrompt() {
  const t = useText();
  const { me } = useHere();
  const name = `notify-asked:${me.id}`;
  const asked = useSyncExternalStore(watchOtherTabs, () => recall(name) !== null);
  const [answered, setAnswered] = useState(false);
  // Browsers take their time over this question.
  const [atFirst] = useState(notifyState);
  if (asked || answered || atFirst !== 'ask') return null;
  const answer = async (wanted: boolean) => {
    keep(name, 'yes');
    if (wanted) await askToNotify();
    setAnswered(true);
  };
  return (
    <section className="notify-prompt" aria-label={t('account.notifications')}>
      <p>{t('notify.ask')}</p>
      <div className="actions">
        <button type="button" className="button ghost" onClick={() => void answer(false)}>
          {t('notify.notNow')}
        </button>
        <button type="button" className="button" onClick={() => void answer(true)}>
          {t('notify.turnOn')}
        </button>
      </div>
    </section>
  );
}

function watchOtherTabs(listener: () => void): () => void {
  addEventListener('storage', listener);
  return () => removeEventListener('storage', listener);
}
