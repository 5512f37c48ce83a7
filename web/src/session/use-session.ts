import { useCallback, useEffect, useState } from 'react';
import { forgetAll } from '../base/keep.ts';
import { type Api, createApi } from '../data/api.ts';
import { isSignedOut, textOf } from '../errors.ts';
import { type Me, SignOutMutation, ViewerQuery } from './documents.ts';

/** Who is at the screen: not known yet, nobody (`ended`: a session was there until just now), or a user. */
export type Session =
  | { readonly status: 'asking' }
  | { readonly status: 'out'; readonly ended: boolean }
  | { readonly status: 'in'; readonly me: Me };

/** The session of the page and the way to the server that belongs to it. */
export interface SessionState {
  readonly session: Session;
  readonly api: Api;
  /** Call after a sign-in: asks anew who it is, on a new connection. */
  readonly signedIn: () => void;
  /** Ends the session everywhere and forgets what this browser kept for it. Answers what went wrong, or null. */
  readonly signOut: () => Promise<string | null>;
}

/** Keeps the session. One for the page. */
export function useSession(): SessionState {
  const [session, setSession] = useState<Session>({ status: 'asking' });
  const create = () => createApi(() => setSession((now) => (now.status === 'in' ? { status: 'out', ended: true } : now)));
  const [api, setApi] = useState(create);

  useEffect(() => {
    let over = false;
    // Asked again until there is an answer (data/api.ts).
    void client();
    async function client() {
      const { data } = await api.client.query(ViewerQuery, {}, { requestPolicy: 'network-only' });
      if (!over) setSession(data?.viewer ? { status: 'in', me: data.viewer.user } : { status: 'out', ended: false });
    }
    return () => {
      over = true;
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
    for (const what of ['draft:', 'outbox:']) forgetAll(what);
    setSession({ status: 'out', ended: false });
    return null;
  }, [api]);
  return { session, api, signedIn, signOut };
}
