import { Provider } from 'urql';
import { Chat } from './chat.tsx';
import { SignIn } from './session/sign-in.tsx';
import { useSession } from './session/use-session.ts';

/** The whole page. */
export function App() {
  const { session, api, signedIn, signOut } = useSession();
  return (
    <Provider value={api.client}>
      {session.status === 'asking' && <p className="empty">{session.fault ?? ''}</p>}
      {session.status === 'out' && <SignIn onDone={signedIn} />}
      {session.status === 'in' && <Chat key={session.me.id} me={session.me} api={api} onSignOut={signOut} />}
    </Provider>
  );
}
