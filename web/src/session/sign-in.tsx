import { type SubmitEvent, useState } from 'react';
import { useClient } from 'urql';
import { textOf } from '../errors.ts';
import { SignInMutation, SignUpMutation } from './documents.ts';

/** Sign in, or make an account. Calls `onDone` once the session stands. */
export function SignIn({ onDone }: { readonly onDone: () => void }) {
  const client = useClient();
  const [isNew, setIsNew] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const username = text(fields, 'username');
    const password = text(fields, 'password');
    const displayName = text(fields, 'displayName').trim() || null;
    setBusy(true);
    setFault(null);
    const { error } = isNew
      ? await client.mutation(SignUpMutation, { username, password, displayName })
      : await client.mutation(SignInMutation, { username, password });
    setBusy(false);
    if (error) setFault(textOf(error));
    else onDone();
  };

  return (
    <main className="sign-in">
      <h1>Parley</h1>
      <form onSubmit={submit} aria-label={isNew ? 'New account' : 'Sign in'}>
        <label>
          Username
          <input
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            minLength={2}
            maxLength={32}
          />
        </label>
        {isNew && (
          <label>
            Name shown to others <small>optional</small>
            <input name="displayName" autoComplete="name" maxLength={64} />
          </label>
        )}
        <label>
          Password
          <input
            name="password"
            type="password"
            autoComplete={isNew ? 'new-password' : 'current-password'}
            required
            minLength={isNew ? 8 : 1}
            maxLength={128}
          />
        </label>
        {fault && <p role="alert">{fault}</p>}
        <button type="submit" className="primary" disabled={busy}>
          {isNew ? 'Create account' : 'Sign in'}
        </button>
      </form>
      <button type="button" className="link" onClick={() => setIsNew(!isNew)}>
        {isNew ? 'I have an account' : 'Create an account'}
      </button>
    </main>
  );
}

function text(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}
