import { afterEach, expect, it } from 'vitest';
import { messageId } from '../../src/domain/ids.ts';
import { openApi } from '../support/api.ts';
import { countingStore } from '../support/counting-store.ts';
import { onEveryStore } from '../support/stores.ts';

// Who has been met before is not read again: here everyone has.
onEveryStore('what a screen costs', (site) => {
  const apis: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(apis.splice(0).map((api) => api.close()));
  });

  async function furnish(rooms: number) {
    const { store, calls } = countingStore(site.store);
    const api = openApi(store);
    apis.push(api);
    const [ann, bob] = [await api.signUp(), await api.signUp()];
    const made = await Promise.all(
      Array.from({ length: rooms }, (_, n) =>
        api.services.rooms.create(ann.viewer, { name: `room ${n}`, memberIds: [bob.user.id] }),
      ),
    );
    await Promise.all(made.map(({ id }) => api.services.messages.send(ann.viewer, { roomId: id, body: 'news' })));
    const counted = async (text: string, variables: object = {}) => {
      calls.length = 0;
      const data = await api.ask(bob, text, { ...variables });
      return { data, calls: [...calls].sort() };
    };
    return { ...api, ann, bob, rooms: made, counted };
  }

  it('the list of rooms takes one read of each kind, however many they are', async () => {
    const { counted } = await furnish(30);
    const { data, calls } = await counted(`{ viewer {
      unreadCount user { username presence { status } }
      memberships(first: 50) { nodes {
        unreadCount role
        room { id kind name memberCount cursor lastMessage { body cursor author { username } } viewerMembership { unreadCount } }
      } pageInfo { hasNextPage } }
    } }`);
    expect(JSON.stringify(data).match(/"news"/g)).toHaveLength(30);
    expect(data).toMatchObject({ viewer: { unreadCount: 30 } });
    expect(calls).toEqual(['joinedRooms.list', 'memberships.get', 'presence.get', 'rooms.get', 'timeline.newest']);
  });

  it('so does a page of messages', async () => {
    const { counted, rooms, services, ann, bob } = await furnish(1);
    const roomId = rooms[0]?.id ?? '';
    for (let n = 0; n < 20; n += 1) {
      const message = await services.messages.send(n % 2 ? ann.viewer : bob.viewer, { roomId, body: `@${ann.user.username}` });
      await services.messages.react(bob.viewer, { messageId: messageId(message), emoji: '👍', present: true });
    }
    const { calls } = await counted(
      `query($id: ID!) { room(id: $id) { name messages(last: 50) {
        edges { cursor } pageInfo { startCursor }
        nodes { id cursor body author { username presence { status } } mentions { username } replyTo { body } reactions { emoji count viewerReacted users { username } } }
      } } }`,
      { id: roomId },
    );
    expect(calls).toEqual(['memberships.get', 'memberships.get', 'presence.get', 'presence.get', 'rooms.get', 'timeline.page']);
  });

  it('and the members of a room with their presence', async () => {
    const { counted, rooms } = await furnish(1);
    const { calls } = await counted(
      'query($id: ID!) { room(id: $id) { members { nodes { role unreadCount user { username presence { status } } } } } }',
      { id: rooms[0]?.id },
    );
    expect(calls).toEqual([
      'memberships.get',
      'memberships.get',
      'memberships.list',
      'presence.get',
      'presence.get',
      'rooms.get',
    ]);
  });

  it('an event costs nothing for what it carries', async () => {
    const { rooms, services, ann, bob } = await furnish(1);
    const roomId = rooms[0]?.id ?? '';
    const { store, calls } = countingStore(site.store);
    const api = openApi(store);
    apis.push(api);
    const live = await api.follow(
      bob,
      `subscription($id: ID!) { roomEvents(roomId: $id) { __typename cursor room { id }
        ... on MessageSent { message { id cursor kind body createdAt replyCount room { id } reactions { emoji count } } }
        ... on MemberJoined { membership { role joinedAt unreadCount lastReadMessageId room { id } } message { id } } } }`,
      { id: roomId },
    );
    await live.next('CaughtUp');
    const reads = () => calls.filter((call) => /^(rooms|accounts|memberships\.get|timeline\.(get|newest|page))/.test(call));
    calls.length = 0;
    await services.messages.send(ann.viewer, { roomId, body: 'hi' });
    await live.next('MessageSent');
    expect(reads()).toEqual([]);
  });
});
