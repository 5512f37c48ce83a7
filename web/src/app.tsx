import { Component, type ReactNode, useEffect, useState } from 'react';
import { Provider } from 'urql';
import { useReload } from './base/reload.ts';
import { useText } from './i18n/text.ts';
import { Mark } from './session/mark.tsx';
import { SignIn } from './session/sign-in.tsx';
import { useSession } from './session/use-session.ts';

// It comes with the rest (see vite.config.ts), but is run on its own while the server is asked who is here: run in one go, they would hold the page up.
const chat = import('./chat.tsx').then(
  ({ Chat }) => ({ Chat }),
  () => ({ Chat: null }),
);

/** The whole page. */
export function App() {
  const { session, api, signedIn, signOut } = useSession();
  const Chat = useChat();
  return (
    <Provider value={api.client}>
      {session.status === 'out' ? (
        <SignIn ended={session.ended} incomplete={Chat === null} onDone={signedIn} />
      ) : session.status === 'in' && Chat ? (
        <Chat key={session.me.id} me={session.me} api={api} onSignOut={signOut} />
      ) : session.status === 'in' && Chat === null ? (
        <Incomplete />
      ) : (
        <Blank />
      )}
    </Provider>
  );
}

/** What one sees signed in: null where its code did not come, undefined while that is not known. Not by Suspense: that shows again only a third of a second later what it has once replaced. */
function useChat(): Awaited<typeof chat>['Chat'] | undefined {
  const [loaded, setLoaded] = useState<Awaited<typeof chat>>();
  useEffect(() => void chat.then(setLoaded), []);
  return loaded?.Chat;
}

/** In place of the chat, where its code did not come. */
function Incomplete() {
  const t = useText();
  const { busy, reload } = useReload();
  return (
    <main className="blank" role="alert">
      <Mark />
      <h1>{t('error.incomplete')}</h1>
      <p className="quiet">{t('error.incompleteHint')}</p>
      <button type="button" className="button primary" disabled={busy} aria-busy={busy} onClick={reload}>
        {t('error.reload')}
      </button>
    </main>
  );
}

/** The page before it is known what to show. */
function Blank() {
  const t = useText();
  return (
    <main className="blank" aria-busy="true">
      <Mark />
      <h1 className="hidden">{t('app.loading')}</h1>
      <p className="late" role="status">
        {t('app.late')}
      </p>
    </main>
  );
}

/** Shown in place of a page whose own code has failed. */
export class LastResort extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const t = useText();
  return (
    <main className="blank" role="alert">
      <Mark />
      <h1>{t('error.page')}</h1>
      <p className="quiet">{t('error.pageHint')}</p>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        {t('error.reload')}
      </button>
    </main>
  );
}
