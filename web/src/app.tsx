import { Component, type ReactNode } from 'react';
import { Provider } from 'urql';
import { Chat } from './chat.tsx';
import { useText } from './i18n/text.ts';
import { Mark } from './session/mark.tsx';
import { SignIn } from './session/sign-in.tsx';
import { useSession } from './session/use-session.ts';

/** The whole page. */
export function App() {
  const t = useText();
  const { session, api, signedIn, signOut } = useSession();
  return (
    <Provider value={api.client}>
      {session.status === 'asking' && (
        <main className="blank" aria-busy="true">
          <Mark />
          <h1 className="hidden">{t('app.loading')}</h1>
          <p className="late" role="status">
            {t('app.late')}
          </p>
        </main>
      )}
      {session.status === 'out' && <SignIn ended={session.ended} onDone={signedIn} />}
      {session.status === 'in' && <Chat key={session.me.id} me={session.me} api={api} onSignOut={signOut} />}
    </Provider>
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
      <h1>{t('error.page')}</h1>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        {t('error.reload')}
      </button>
    </main>
  );
}
