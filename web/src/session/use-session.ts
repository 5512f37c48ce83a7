import { useCallback, useEffect, useState } from 'react';
import { isSignedOut, textOf } from '../errors.ts';
import { type Api, createApi } from '../urql.ts';
import { type Me, SignOutMutation, ViewerQuery } from './documents.ts';

/** Time between two tries to reach the server at the start, in ms. */
const RETRY_MS = 2000;

/** Who is at the screen: not known yet (with why, where asking failed), nobody, or a user. */
export type Session =
  | { readonly status: 'asking'; readonly fault: string | null }
  | { readonly status: 'out' }
  | { readonly status: 'in'; readonly me: Me };

/** The session of the page and the way to the server that belongs to it. */
export interface SessionState {
  readonly session: Session;
  readonly api: Api;
  /** Call after a sign-in: asks anew who it is, on a new connection. */
  readonly signedIn: () => void;
  /** Ends the session everywhere. Answers what went wrong, or null. */
  readonly signOut: () => Promise<string | null>;
}

/** Keeps the session. One for the page. */
export function useSession(): SessionState {
  const [session, setSession] = useState<Session>({ status: 'asking', fault: null });
  const create = () => createApi(() => setSession((now) => (now.status === 'in' ? { status: 'out' } : now)));
  const [api, setApi] = useState(create);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const ask = async () => {
      const { data, error } = await api.client.query(ViewerQuery, {});
      if (over) return;
      if (data) return setSession(data.viewer ? { status: 'in', me: data.viewer.user } : { status: 'out' });
      setSession({ status: 'asking', fault: error ? textOf(error) : null });
      timer = setTimeout(ask, RETRY_MS);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [api]);

  const signedIn = () => {
    api.close();
    setApi(create());
  };
  const signOut = useCallback(async () => {
    const { error } = await api.client.mutation(SignOutMutation, {});
    if (error && !isSignedOut(error)) return textOf(error);
    api.close();
    setSession({ status: 'out' });
    return null;
  }, [api]);
  return { session, api, signedIn, signOut };
}
