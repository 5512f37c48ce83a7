import { useEffect, useReducer, useState } from 'react';
import { type Client, useClient } from 'urql';
import { textOf } from '../errors.ts';
import { type Membership, MembershipsQuery, ViewerEventsSubscription } from './documents.ts';
import { inOrder, NO_MEMBERSHIPS, reduceMemberships } from './memberships-state.ts';

/** The viewer's rooms, kept up to date while the page is open. */
export function useMemberships(): { memberships: readonly Membership[]; loaded: boolean; fault: string | null } {
  const client = useClient();
  const [state, dispatch] = useReducer(reduceMemberships, NO_MEMBERSHIPS);
  const [fault, setFault] = useState<string | null>(null);

  useEffect(() => {
    let over = false;
    const read = async () => {
      dispatch({ type: 'asked' });
      const list = await readAll(client);
      if (over) return;
      setFault(typeof list === 'string' ? list : null);
      if (typeof list !== 'string') dispatch({ type: 'listed', memberships: list });
    };
    const subscription = client.subscription(ViewerEventsSubscription, {}).subscribe(({ data, error }) => {
      if (error) setFault(textOf(error));
      if (!data) return;
      dispatch({ type: 'event', event: data.viewerEvents });
      // Comes at every connection. From here on nothing is missed, so a list read now and what follows are complete.
      if (data.viewerEvents.__typename === 'ViewerCaughtUp') void read();
    });
    return () => {
      over = true;
      subscription.unsubscribe();
    };
  }, [client]);

  return { memberships: inOrder(state), loaded: state.loaded, fault };
}

/** All the viewer's rooms, page by page; or what went wrong. */
async function readAll(client: Client): Promise<Membership[] | string> {
  const list: Membership[] = [];
  let after: string | null = null;
  do {
    const { data, error }: Awaited<ReturnType<typeof page>> = await page(client, after);
    if (!data?.viewer) return error ? textOf(error) : 'Nobody is signed in.';
    list.push(...data.viewer.memberships.nodes);
    const { hasNextPage, endCursor } = data.viewer.memberships.pageInfo;
    after = hasNextPage ? endCursor : null;
  } while (after !== null);
  return list;
}

const page = (client: Client, after: string | null) => client.query(MembershipsQuery, { after }).toPromise();
