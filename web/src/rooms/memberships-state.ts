import type { Membership, ViewerEvent } from './documents.ts';

/** The viewer's rooms as far as known. */
export interface MembershipsState {
  /** By room id. */
  readonly memberships: ReadonlyMap<string, Membership>;
  /** Whether a list has been read since the page was opened. */
  readonly loaded: boolean;
  /** Rooms an event told of since the list now being read was asked for: of them the event knows better. */
  readonly touched: ReadonlySet<string>;
}

/** What changes it: a list is asked for, it has come, or something happened. */
export type MembershipsAction =
  | { readonly type: 'asked' }
  | { readonly type: 'listed'; readonly memberships: readonly Membership[] }
  | { readonly type: 'event'; readonly event: ViewerEvent };

export const NO_MEMBERSHIPS: MembershipsState = { memberships: new Map(), loaded: false, touched: new Set() };

/** The next state. Events may come while a list is on its way; then the list is older than they are. */
export function reduceMemberships(state: MembershipsState, action: MembershipsAction): MembershipsState {
  if (action.type === 'asked') return { ...state, touched: new Set() };
  if (action.type === 'listed') return { ...state, loaded: true, memberships: merged(state, action.memberships) };
  const { event } = action;
  if (event.__typename === 'ViewerCaughtUp') return state;
  const roomId = event.__typename === 'MembershipRemoved' ? event.roomId : event.membership.room.id;
  const memberships = new Map(state.memberships);
  if (event.__typename === 'MembershipRemoved') memberships.delete(roomId);
  else memberships.set(roomId, event.membership);
  return { ...state, memberships, touched: new Set(state.touched).add(roomId) };
}

/** The rooms in the order of the list: the one with the newest message first. */
export function inOrder(state: MembershipsState): readonly Membership[] {
  return [...state.memberships.values()].sort((a, b) => latest(b).localeCompare(latest(a)));
}

function merged({ memberships, touched }: MembershipsState, list: readonly Membership[]): ReadonlyMap<string, Membership> {
  const listed = list.filter(({ room }) => !touched.has(room.id)).map((one) => [one.room.id, one] as const);
  const told = [...memberships].filter(([roomId]) => touched.has(roomId));
  return new Map([...listed, ...told]);
}

// Instants in UTC with equal precision: they sort as text.
const latest = ({ room }: Membership): string => room.lastMessage?.createdAt ?? '';
