import { useEffect, useMemo, useRef, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { textOf } from '../errors.ts';
import { type Membership, MembershipsQuery, type ViewerEvent, ViewerEventsSubscription } from './documents.ts';
import { inOrder } from './order.ts';

/** The viewer's rooms, the most recently active first. */
export interface Memberships {
  readonly list: readonly Membership[];
  readonly loaded: boolean;
  readonly fault: string | null;
}

/** Follows what changes for the viewer while the page is open. `told` hears of every event, once the cache has taken it in. */
export function useMemberships(told: (event: ViewerEvent) => void): Memberships {
  const client = useClient();
  const [fault, setFault] = useState<string | null>(null);
  // Of those in many rooms a new snapshot has the first page only: until the others have been read again, those known before stay.
  const [before, setBefore] = useState<readonly Membership[]>(NOTHING);
  const now = useRef<readonly Membership[]>(NOTHING);
  const tell = useRef(told);
  useEffect(() => {
    tell.current = told;
  });

  useEffect(() => {
    let over = false;
    // What the first page of the snapshot has no room for.
    const readOn = async (from: string | null) => {
      for (let after = from; after !== null && !over; ) {
        const { data } = await client.query(MembershipsQuery, { after }, { requestPolicy: 'network-only' });
        const info = data?.viewer?.memberships.pageInfo;
        after = info?.hasNextPage ? info.endCursor : null;
      }
      if (!over) setBefore(NOTHING);
    };
    const subscription = client.subscription(ViewerEventsSubscription, {}).subscribe(({ data, error }) => {
      setFault(error ? textOf(error) : null);
      if (!data) return;
      tell.current(data.viewerEvents);
      if (data.viewerEvents.__typename !== 'ViewerCaughtUp') return;
      const { hasNextPage, endCursor } = data.viewerEvents.viewer.memberships.pageInfo;
      if (!hasNextPage) return;
      setBefore(now.current);
      void readOn(endCursor);
    });
    return () => {
      over = true;
      subscription.unsubscribe();
    };
  }, [client]);

  // The snapshot comes with the subscription, and events keep it up to date: nothing is to be asked.
  const [{ data }] = useQuery({ query: MembershipsQuery, variables: {}, requestPolicy: 'cache-only' });
  const nodes = data?.viewer?.memberships.nodes ?? NOTHING;
  const list = useMemo(() => {
    const ids = new Set(nodes.map(({ room }) => room.id));
    return inOrder([...nodes, ...before.filter(({ room }) => !ids.has(room.id))]);
  }, [nodes, before]);
  useEffect(() => {
    now.current = list;
  });
  return { list, loaded: Boolean(data?.viewer), fault };
}

const NOTHING: readonly Membership[] = [];
