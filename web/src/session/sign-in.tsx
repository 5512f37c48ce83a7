import { type SubmitEvent, useState } from 'react';
import { type CombinedError, useClient } from 'urql';
import { useReload } from '../base/reload.ts';
import { codeOf, textOf } from '../errors.ts';
import { LANGUAGES, setLanguage, t as text, useLanguage, useText } from '../i18n/text.ts';
import { SignInMutation, SignUpMutation } from './documents.ts';
import { Mark } from './mark.tsx';

/** The form that asks who it is, and makes new accounts. */
export function SignIn(props: {
  readonly onDone: () => void;
  /** Why it is here again. */
  readonly ended: boolean;
  /** What comes after it could not be loaded. */
  readonly incomplete: boolean;
}) {
  const { ended, incomplete } = props;
  const client = useClient();
  const t = useText();
  const language = useLanguage();
  const [isNew, setIsNew] = useState(false);
  const { busy: reloading, reload } = useReload();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const username = field(fields, 'username');
    const password = field(fields, 'password');
    const displayName = field(fields, 'displayName').trim() || null;
    setBusy(true);
    setFault(null);
    const { error } = isNew
      ? await client.mutation(SignUpMutation, { username, password, displayName })
      : await client.mutation(SignInMutation, { username, password });
    setBusy(false);
    if (error) setFault(faultOf(error));
    // The page that is loaded then knows who it is, and has another try at the rest.
    else if (incomplete) reload();
    else props.onDone();
  };

  return (
    <main className="sign-in">
      <div className="sign-in-box">
        <header>
          <Mark />
          <h1>{t(isNew ? 'signUp.title' : 'signIn.title')}</h1>
          <p className="quiet">{t(ended ? 'signIn.ended' : 'signIn.lead')}</p>
        </header>
        <form onSubmit={submit} aria-label={t(isNew ? 'signUp.title' : 'signIn.title')}>
          <label className="field">
            {t('signIn.username')}
            <input
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              minLength={2}
              maxLength={32}
              aria-describedby={isNew ? 'username-hint' : undefined}
            />
            {isNew && <small id="username-hint">{t('signUp.usernameHint')}</small>}
          </label>
          {isNew && (
            <label className="field">
              <span>
                {t('signIn.displayName')} <small>{t('signIn.optional')}</small>
              </span>
              <input name="displayName" autoComplete="name" maxLength={80} dir="auto" />
            </label>
          )}
          <label className="field">
            {t('signIn.password')}
            <input
              name="password"
              type="password"
              autoComplete={isNew ? 'new-password' : 'current-password'}
              required
              minLength={isNew ? 8 : 1}
              maxLength={128}
              aria-describedby={isNew ? 'password-hint' : undefined}
            />
            {isNew && <small id="password-hint">{t('signUp.passwordHint')}</small>}
          </label>
          {fault && (
            <p role="alert" className="fault">
              {fault}
            </p>
          )}
          {incomplete && (
            <p role="alert" className="fault">
              {t('error.incomplete')}{' '}
              <button type="button" className="link" disabled={reloading} onClick={reload}>
                {t('error.reload')}
              </button>
            </p>
          )}
          <button type="submit" className="button primary" disabled={busy || reloading} aria-busy={busy || reloading}>
            {t(isNew ? 'signUp.submit' : 'signIn.submit')}
          </button>
        </form>
        <button
          type="button"
          className="button ghost"
          onClick={() => {
            setIsNew(!isNew);
            setFault(null);
          }}
        >
          {t(isNew ? 'signUp.toOld' : 'signIn.toNew')}
        </button>
      </div>
      <nav className="languages" aria-label={t('account.language')}>
        {(Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[]).map((name) => (
          <button
            key={name}
            type="button"
            className="link"
            lang={name}
            aria-pressed={name === language}
            onClick={() => setLanguage(name)}
          >
            {LANGUAGES[name]}
          </button>
        ))}
      </nav>
    </main>
  );
}

function faultOf(error: CombinedError): string {
  const code = codeOf(error);
  if (code === 'UNAUTHENTICATED') return text('error.credentials');
  return code === 'CONFLICT' ? text('error.usernameTaken') : textOf(error);
}

function field(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}
