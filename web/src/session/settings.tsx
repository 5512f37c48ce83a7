import { useState } from 'react';
import { Avatar } from '../base/avatar.tsx';
import { isByTouch } from '../base/by-touch.ts';
import { Dialog } from '../base/dialog.tsx';
import { setTheme, type Theme, useTheme } from '../base/theme.ts';
import { LANGUAGES, type Language, setLanguage, useLanguage, useText } from '../i18n/text.ts';
import { askToNotify, notifyState } from '../notify/permission.ts';
import { useHere } from './here.ts';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** The viewer's account, and how the page is to be. */
export default function Settings(props: {
  readonly onClose: () => void;
  readonly onShortcuts: () => void;
  readonly onSignOut: () => Promise<string | null>;
}) {
  const t = useText();
  const { me } = useHere();
  const theme = useTheme();
  const language = useLanguage();
  const [notify, setNotify] = useState(notifyState);
  const [fault, setFault] = useState<string | null>(null);
  return (
    <Dialog title={t('account.menu')} onClose={props.onClose}>
      <div className="person">
        <Avatar id={me.id} name={me.displayName} />
        <p className="who">
          <strong>
            <bdi>{me.displayName}</bdi>
          </strong>
          <small>@{me.username}</small>
        </p>
      </div>
      <fieldset className="segments">
        <legend>{t('account.theme')}</legend>
        {THEMES.map((one) => (
          <label key={one}>
            <input type="radio" name="theme" checked={theme === one} onChange={() => setTheme(one)} />
            <span>{t(`account.theme.${one}`)}</span>
          </label>
        ))}
      </fieldset>
      <fieldset className="segments">
        <legend>{t('account.language')}</legend>
        {(Object.keys(LANGUAGES) as Language[]).map((one) => (
          <label key={one} lang={one}>
            <input type="radio" name="language" checked={language === one} onChange={() => setLanguage(one)} />
            <span>{LANGUAGES[one]}</span>
          </label>
        ))}
      </fieldset>
      <section className="setting">
        <h3>{t('account.notifications')}</h3>
        {notify === 'ask' ? (
          <button type="button" className="button" onClick={async () => setNotify(await askToNotify())}>
            {t('account.notifications.ask')}
          </button>
        ) : (
          <p className="quiet">{t(`account.notifications.${notify}`)}</p>
        )}
      </section>
      {fault && (
        <p role="alert" className="fault">
          {fault}
        </p>
      )}
      <div className="actions spread">
        {!isByTouch() && (
          <button type="button" className="button ghost" onClick={props.onShortcuts}>
            {t('account.shortcuts')}
          </button>
        )}
        <button type="button" className="button" onClick={async () => setFault(await props.onSignOut())}>
          {t('account.signOut')}
        </button>
      </div>
    </Dialog>
  );
}
