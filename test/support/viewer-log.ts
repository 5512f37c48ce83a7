import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { at, post } from './graphql-client.ts';
import { endAfterTest } from './leftovers.ts';

/** What one user's client knows of their rooms: begun from the snapshot, kept up by `viewerEvents`. */
export interface ViewerLog {
  /** Unread messages by room. */
  readonly unread: ReadonlyMap<string, number>;
  /** Cuts its connection without a word; it comes back by itself, on the next server, with a new snapshot. */
  drop(): void;
}

const MEMBERSHIP = 'room { id } unreadCount';
const EVENTS = `subscription Viewer {
  viewerEvents {
    ... on ViewerCaughtUp { viewer { memberships(first: 100) { nodes { ${MEMBERSHIP} } } } }
    ... on MembershipAdded { membership { ${MEMBERSHIP} } }
    ... on MembershipUpdated { membership { ${MEMBERSHIP} } }
    ... on MembershipRemoved { roomId }
  }
}`;

/** Follows what changes for a user; ends after the test. */
export function followViewer(urls: readonly string[], { token }: { readonly token: string }): ViewerLog {
  const unread = new Map<string, number>();
  let turn = 0;
  let stopped = false;
  let socket: WebSocket | null = null;

  const client = createClient({
    url: () => `${(urls[turn++ % urls.length] ?? '').replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: () => pause(20 + Math.random() * 100),
    on: {
      connected(opened) {
        socket = opened instanceof WebSocket ? opened : null;
      },
    },
  });
  endAfterTest(async () => {
    stopped = true;
    await Promise.resolve(client.dispose()).catch(() => undefined);
    socket?.terminate();
  });

  const take = (membership: unknown) => void unread.set(String(at(membership, 'room.id')), Number(at(membership, 'unreadCount')));

  function see(event: unknown): void {
    const nodes = at(event, 'viewer.memberships.nodes');
    if (Array.isArray(nodes)) {
      unread.clear();
      nodes.forEach(take);
    } else if (at(event, 'membership')) take(at(event, 'membership'));
    else unread.delete(String(at(event, 'roomId')));
  }

  function subscribe(): void {
    const again = () => void pause(50).then(() => !stopped && subscribe());
    client.subscribe({ query: EVENTS }, { next: ({ data }) => see(at(data, 'viewerEvents')), error: again, complete: again });
  }

  subscribe();
  return { unread, drop: () => socket?.terminate() };
}

/** Unread messages by room as a query says. */
export async function unreadOf(url: string, { token }: { readonly token: string }): Promise<ReadonlyMap<string, number>> {
  const query = `{ viewer { memberships(first: 100) { nodes { ${MEMBERSHIP} } } } }`;
  const { data } = await post(url, query, { token });
  const nodes = at(data, 'viewer.memberships.nodes');
  return new Map(
    (Array.isArray(nodes) ? nodes : []).map((node) => [String(at(node, 'room.id')), Number(at(node, 'unreadCount'))]),
  );
}
