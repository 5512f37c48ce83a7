import { useDeferredValue } from 'react';
import { useQuery } from 'urql';
import { useHere } from '../session/here.ts';
import { matching, type Nameable } from './completion.ts';
import { FindMembersQuery } from './documents.ts';

/** How many to offer. */
const MOST = 6;

/**
 * Whom to offer for a mention that begins so, oneself left out; `prefix` is null while none is being typed. `known` are the members loaded; where they are not all (`partial`)
 * the server is asked as well, and who is found joins those already offered.
 */
export function useNameable(
  roomId: string,
  known: readonly Nameable[],
  partial: boolean,
  prefix: string | null,
): readonly Nameable[] {
  const { me } = useHere();
  const asked = useDeferredValue(prefix ?? '');
  const [{ data, operation }] = useQuery({
    query: FindMembersQuery,
    variables: { roomId, search: asked, first: MOST },
    pause: !partial || asked === '',
  });
  if (prefix === null) return [];
  const offered = matching(known, prefix).slice(0, MOST);
  const found = partial && prefix !== '' ? (data?.room?.members.nodes ?? []).map(({ user }) => user) : [];
  // What was found for other letters goes on being offered as far as it fits.
  const fitting = operation?.variables.search === prefix ? found : matching(found, prefix);
  const ids = new Set([me.id, ...offered.map(({ id }) => id)]);
  return [...offered, ...fitting.filter(({ id }) => !ids.has(id))].slice(0, MOST);
}
