import { afterEach, describe, expect, it } from 'vitest';
import { parseCursor } from '../../src/domain/position.ts';
import { openApi } from '../support/api.ts';
import { at, textAt } from '../support/graphql-client.ts';
import { type Person, unique } from '../support/services.ts';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';

const MESSAGE = `fragment M on Message {
  id cursor kind body createdAt editedAt deletedAt replyCount idempotencyKey
  author { id username } replyTo { id body } mentions { username } reactions { emoji count viewerReacted users { username } }
}`;
const ROOM_EVENTS = `subscription($roomId: ID!, $after: String) { roomEvents(roomId: $roomId, after: $after) {
  __typename cursor room { id }
  ... on MessageSent { message { ...M } }
  ... on MessageUpdated { message { ...M } }
  ... on MemberJoined { membership { user { username } role unreadCount } message { ...M } }
  ... on MemberLeft { user { username } message { ...M } }
  ... on RoomUpdated { message { ...M } }
  ... on ReadReceiptMoved { membership { user { username } lastReadMessageId unreadCount } }
  ... on TypingStarted { user { username } expiresAt }
  ... on PresenceChanged { user { username presence { status lastSeenAt } } }
  ... on CaughtUp { room { name memberCount cursor messages(last: 5) { nodes { body } } } }
  ... on Reset { reason }
} } ${MESSAGE}`;
const VIEWER_EVENTS = `subscription { viewerEvents {
  __typename
  ... on ViewerCaughtUp { viewer { unreadCount memberships { nodes { room { id name } } } } }
  ... on MembershipAdded { membership { role room { id name lastMessage { body } } } }
  ... on MembershipUpdated { membership { unreadCount room { id lastMessage { body } } } }
  ... on MembershipRemoved { roomId }
  ... on ContactPresenceChanged { user { username presence { status lastSeenAt } } }
} }`;
const SEND = `mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { ...M } } } ${MESSAGE}`;

onEveryStore('the API', (site) => {
  const apis: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(apis.splice(0).map((api) => api.close()));
  });

  function open(...args: Parameters<typeof openApi> extends [unknown, ...infer Rest] ? Rest : never) {
    const api = openApi(site.store, ...args);
    apis.push(api);
    return api;
  }

  async function furnish() {
    const api = open();
    const [ann, bob, eve] = [await api.signUp(unique('ann')), await api.signUp(unique('bob')), await api.signUp(unique('eve'))];
    const made = await api.ask(
      ann,
      'mutation($input: CreateRoomInput!) { createRoom(input: $input) { room { id name kind topic memberCount } } }',
      { input: { name: 'Tea', kind: 'PRIVATE', memberIds: [bob.user.id] } },
    );
    const roomId = textAt(made, 'createRoom.room.id');
    const send = (by: Person, body: string, more: object = {}) => api.ask(by, SEND, { input: { roomId, body, ...more } });
    return { ...api, ann, bob, eve, roomId, made, send };
  }

  it('carries a conversation from sign-up to the end', async () => {
    const { ask, run, follow, ann, bob, roomId, made, send } = await furnish();
    expect(made).toEqual({ createRoom: { room: { id: roomId, name: 'Tea', kind: 'PRIVATE', topic: null, memberCount: 2 } } });

    const live = await follow(bob, ROOM_EVENTS, { roomId });
    expect(await live.next('CaughtUp')).toMatchObject({
      room: { name: 'Tea', memberCount: 2, messages: { nodes: [{ body: 'created the room' }, {}] } },
    });

    const sent = await send(ann, `hello @${bob.user.username}`, { idempotencyKey: 'k1' });
    const first = textAt(sent, 'sendMessage.message.id');
    const told = await live.next('MessageSent');
    expect(at(told, 'message')).toEqual(at(sent, 'sendMessage.message'));
    expect(at(told, 'message.mentions')).toEqual([{ username: bob.user.username }]);
    expect(at(told, 'message.idempotencyKey')).toBe('k1');
    expect(at(told, 'cursor')).toBe(at(told, 'message.cursor'));

    await send(bob, 'hi', { replyToId: first });
    expect(await live.next('MessageSent', 2)).toMatchObject({ message: { body: 'hi', replyTo: { id: first } } });
    const replies = await ask(
      ann,
      'query($id: ID!) { node(id: $id) { ... on Message { replyCount replies { nodes { body } } } } }',
      { id: first },
    );
    expect(replies).toEqual({ node: { replyCount: 1, replies: { nodes: [{ body: 'hi' }] } } });

    await ask(bob, 'mutation($i: AddReactionInput!) { addReaction(input: $i) { message { id } } }', {
      i: { messageId: first, emoji: '👍' },
    });
    expect(await live.next('MessageUpdated')).toMatchObject({
      message: {
        id: first,
        reactions: [{ emoji: '👍', count: 1, viewerReacted: true, users: [{ username: bob.user.username }] }],
      },
    });

    let seen = live.events.length;
    await ask(ann, 'mutation($i: EditMessageInput!) { editMessage(input: $i) { message { id } } }', {
      i: { messageId: first, body: 'hello all' },
    });
    expect(await live.next('MessageUpdated', seen)).toMatchObject({ message: { id: first, body: 'hello all', mentions: [] } });

    const read = await ask(
      bob,
      'mutation($i: MarkReadInput!) { markRead(input: $i) { membership { lastReadMessageId lastReadAt unreadCount } } }',
      { i: { roomId, messageId: first } },
    );
    // Bob's own answer has moved his receipt beyond it already.
    expect(at(read, 'markRead.membership.lastReadMessageId')).not.toBe(first);
    await ask(ann, 'mutation($i: MarkReadInput!) { markRead(input: $i) { membership { unreadCount } } }', {
      i: { roomId, messageId: at(read, 'markRead.membership.lastReadMessageId') },
    });
    expect(await live.next('ReadReceiptMoved')).toMatchObject({
      cursor: null,
      membership: { user: { username: ann.user.username }, unreadCount: 0 },
    });

    const typing = await ask(ann, 'mutation($i: SetTypingInput!) { setTyping(input: $i) { expiresAt } }', { i: { roomId } });
    expect(await live.next('TypingStarted')).toMatchObject({
      cursor: null,
      user: { username: ann.user.username },
      expiresAt: textAt(typing, 'setTyping.expiresAt'),
    });

    await ask(ann, 'mutation($i: UpdateRoomInput!) { updateRoom(input: $i) { room { name } } }', {
      i: { roomId, name: 'Coffee' },
    });
    expect(await live.next('RoomUpdated')).toMatchObject({
      message: { kind: 'ROOM_UPDATED', body: 'renamed the room to Coffee' },
    });

    seen = live.events.length;
    await ask(ann, 'mutation($i: DeleteMessageInput!) { deleteMessage(input: $i) { message { deletedAt } } }', {
      i: { messageId: first },
    });
    expect(await live.next('MessageUpdated', seen)).toMatchObject({
      message: { body: '', deletedAt: expect.any(String), reactions: [] },
    });

    await ask(ann, 'mutation($i: RemoveMemberInput!) { removeMember(input: $i) { room { memberCount } } }', {
      i: { roomId, userId: bob.user.id },
    });
    expect(await live.next('MemberLeft')).toMatchObject({
      user: { username: bob.user.username },
      message: { body: `was removed by ${ann.user.displayName}` },
    });
    expect(await waitFor(live.ended, { what: 'the end of the subscription' })).toBe('FORBIDDEN');
    expect((await run(bob, SEND, { input: { roomId, body: 'still here?' } })).code).toBe('NOT_FOUND');
    expect(await ask(bob, 'query($id: ID!) { room(id: $id) { id } }', { id: roomId })).toEqual({ room: null });

    const cursors = live.events.map(({ data }) => at(data, 'roomEvents.cursor')).filter((cursor) => cursor !== null);
    const numbers = cursors.map((cursor) => Number(String(cursor).split('.')[1]));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  it('P5: a subscription goes on from any cursor: the room’s, a message’s, an event’s', async () => {
    const { ask, follow, ann, bob, roomId, send } = await furnish();
    const room = await ask(ann, 'query($id: ID!) { room(id: $id) { cursor } }', { id: roomId });
    const cursors = [textAt(room, 'room.cursor')];
    for (let n = 0; n < 5; n += 1) cursors.push(textAt(await send(ann, `${n}`), 'sendMessage.message.cursor'));
    for (const [index, after] of cursors.entries()) {
      const live = await follow(bob, ROOM_EVENTS, { roomId, after });
      await live.next('CaughtUp');
      const bodies = live.events.slice(0, -1).map(({ data }) => at(data, 'roomEvents.message.body'));
      expect(bodies).toEqual(['0', '1', '2', '3', '4'].slice(index));
      await live.stop();
    }
  });

  it('P2: the cursor of a message shown edited is lost with the edit', async () => {
    const { ask, ann, bob, roomId, send } = await furnish();
    const first = textAt(await send(ann, 'one'), 'sendMessage.message.id');
    await send(ann, 'two');
    const edit = 'mutation($i: EditMessageInput!) { editMessage(input: $i) { message { cursor } } }';
    const edited = await ask(ann, edit, { i: { messageId: first, body: 'one, again' } });
    const [message] = await site.store.timeline.get([{ roomId, number: 3 }]);
    expect(message).toMatchObject({ body: 'one, again', number: 3, changed: 5 });
    const page = await ask(
      bob,
      'query($id: ID!) { room(id: $id) { cursor messages(last: 2) { edges { cursor node { cursor } } } } }',
      { id: roomId },
    );
    const cursors = [0, 1].map((index) => parseCursor(textAt(page, `room.messages.edges.${index}.cursor`)));
    const epoch = cursors[0]?.epoch;
    expect(cursors).toEqual([
      { epoch, number: 3, through: 5 },
      { epoch, number: 4, through: 5 },
    ]);
    expect(textAt(edited, 'editMessage.message.cursor')).toBe(textAt(page, 'room.messages.edges.0.node.cursor'));
  });

  it('P5: one who joined and left while the reader was away is told as it was', async () => {
    const { ask, follow, ann, bob, eve, roomId, services } = await furnish();
    const room = await ask(ann, 'query($id: ID!) { room(id: $id) { cursor } }', { id: roomId });
    await services.members.add(ann.viewer, { roomId, userId: eve.user.id });
    await services.members.leave(eve.viewer, roomId);
    const live = await follow(bob, ROOM_EVENTS, { roomId, after: textAt(room, 'room.cursor') });
    await live.next('CaughtUp');
    expect(live.types()).toEqual(['MemberJoined', 'MemberLeft', 'CaughtUp']);
    expect(await live.next('MemberJoined')).toMatchObject({
      membership: { user: { username: eve.user.username }, role: 'MEMBER', unreadCount: 0 },
    });
  });

  it('S2: refuses a subscription before anything is subscribed to', async () => {
    const { follow, eve, ann, roomId, services } = await furnish();
    const open_ = await services.rooms.create(ann.viewer, { name: 'open' });
    const before = site.store.feed.channels;
    const refusal = (person: Person | null, variables: object) =>
      follow(person, ROOM_EVENTS, { ...variables }).catch((error: unknown) => error);
    const code = (is: string, field?: string) => ({ extensions: field === undefined ? { code: is } : { code: is, field } });
    expect(await refusal(eve, { roomId })).toMatchObject(code('NOT_FOUND'));
    expect(await refusal(eve, { roomId: open_.id })).toMatchObject(code('FORBIDDEN'));
    expect(await refusal(null, { roomId: open_.id })).toMatchObject(code('UNAUTHENTICATED'));
    expect(await refusal(ann, { roomId, after: 'x' })).toMatchObject(code('BAD_USER_INPUT', 'after'));
    expect(await refusal(ann, { roomId: '*' })).toMatchObject(code('NOT_FOUND'));
    await expect(follow(null, VIEWER_EVENTS)).rejects.toMatchObject(code('UNAUTHENTICATED'));
    expect(site.store.feed.channels).toBe(before);
  });

  it('tells a viewer what changes for them, from a snapshot on', async () => {
    const { ask, follow, ann, bob, eve, roomId, send } = await furnish();
    const live = await follow(eve, VIEWER_EVENTS);
    expect(await live.next('ViewerCaughtUp')).toEqual({
      __typename: 'ViewerCaughtUp',
      viewer: { unreadCount: 0, memberships: { nodes: [] } },
    });
    const add = 'mutation($i: AddMemberInput!) { addMember(input: $i) { membership { role } } }';
    await ask(bob, add, { i: { roomId, userId: eve.user.id } });
    expect(await live.next('MembershipAdded')).toMatchObject({
      membership: { role: 'MEMBER', room: { id: roomId, name: 'Tea' } },
    });
    await send(ann, 'welcome');
    const welcomed = () =>
      live.events.some(
        ({ data }) =>
          at(data, 'viewerEvents.membership.room.lastMessage.body') === 'welcome' &&
          at(data, 'viewerEvents.membership.unreadCount') === 1,
      );
    await waitFor(welcomed, { what: 'the unread message' });
    await ask(eve, 'mutation($i: LeaveRoomInput!) { leaveRoom(input: $i) { room { id } } }', { i: { roomId } });
    expect(await live.next('MembershipRemoved')).toEqual({ __typename: 'MembershipRemoved', roomId });
  });

  it('tells members who comes and goes', async () => {
    const { follow, ask, ann, bob, eve, roomId, hub } = await furnish();
    const live = await follow(ann, ROOM_EVENTS, { roomId });
    await live.next('CaughtUp');
    const gone = hub.present(bob.user.id);
    expect(await live.next('PresenceChanged')).toMatchObject({
      cursor: null,
      user: { username: bob.user.username, presence: { status: 'ONLINE' } },
    });
    const presence = 'query($name: String!) { user(username: $name) { presence { status lastSeenAt } } }';
    const online = { user: { presence: { status: 'ONLINE', lastSeenAt: expect.any(String) } } };
    expect(await ask(ann, presence, { name: bob.user.username })).toEqual(online);
    expect(await ask(eve, presence, { name: bob.user.username })).toEqual({
      user: { presence: { status: 'OFFLINE', lastSeenAt: null } },
    });
    gone();
  });

  it('P9 P10: tells a viewer who comes and goes in their direct rooms, and nobody who only shares another room', async () => {
    const { follow, ask, ann, bob, eve, roomId, hub } = await furnish();
    const add = 'mutation($i: AddMemberInput!) { addMember(input: $i) { membership { role } } }';
    await ask(bob, add, { i: { roomId, userId: eve.user.id } });
    await ask(ann, 'mutation($i: OpenDirectRoomInput!) { openDirectRoom(input: $i) { room { id } } }', {
      i: { userId: bob.user.id },
    });
    const [live, other] = [await follow(ann, VIEWER_EVENTS), await follow(eve, VIEWER_EVENTS)];
    await Promise.all([live.next('ViewerCaughtUp'), other.next('ViewerCaughtUp')]);
    const gone = hub.present(bob.user.id);
    expect(await live.next('ContactPresenceChanged')).toEqual({
      __typename: 'ContactPresenceChanged',
      user: { username: bob.user.username, presence: { status: 'ONLINE', lastSeenAt: expect.any(String) } },
    });
    expect(other.types()).toEqual(['ViewerCaughtUp']);
    gone();
  });

  it('P7: an event executed late shows one who was removed meanwhile nothing of the room', async () => {
    const { run, ann, bob, roomId, services, follow } = await furnish();
    const document = `subscription($roomId: ID!) { roomEvents(roomId: $roomId) { __typename room { id }
      ... on MemberLeft { room { name lastMessage { body } messages(last: 1) { nodes { body } } members { nodes { joinedAt } } } } } }`;
    const live = await follow(bob, document, { roomId });
    await waitFor(() => live.types().includes('CaughtUp'), { what: 'the start' });
    await services.members.remove(ann.viewer, { roomId, userId: bob.user.id });
    await waitFor(live.ended, { what: 'the end' });
    const last = live.events.at(-1);
    expect(last?.data).toBeNull();
    expect(last?.errors.map(({ extensions }) => extensions.code)).toContain('NOT_FOUND');
    expect((await run(ann, 'query($id: ID!) { room(id: $id) { memberCount } }', { id: roomId })).data).toEqual({
      room: { memberCount: 1 },
    });
  });

  describe('leaving a private room', () => {
    it('shows it as it was, and nothing inside it', async () => {
      const { ask, bob, roomId } = await furnish();
      const leave = (fields: string) => `mutation($i: LeaveRoomInput!) { leaveRoom(input: $i) { room { ${fields} } } }`;
      const left = await ask(bob, leave('id name kind viewerMembership { role }'), { i: { roomId } });
      expect(left).toEqual({ leaveRoom: { room: { id: roomId, name: 'Tea', kind: 'PRIVATE', viewerMembership: null } } });
    });

    it.each(['messages { nodes { body } }', 'members { nodes { joinedAt } }'])('hides %s', async (fields) => {
      const { run, bob, roomId } = await furnish();
      const { code, data } = await run(bob, `mutation($i: LeaveRoomInput!) { leaveRoom(input: $i) { room { ${fields} } } }`, {
        i: { roomId },
      });
      expect([code, data]).toEqual(['NOT_FOUND', null]);
    });
  });

  it('several mutations in one operation each see what those before did', async () => {
    const { ask, ann, roomId } = await furnish();
    const two = await ask(
      ann,
      `mutation($a: SendMessageInput!, $b: SendMessageInput!) {
        a: sendMessage(input: $a) { message { cursor room { lastMessage { body } cursor } } }
        b: sendMessage(input: $b) { message { cursor room { lastMessage { body } cursor } } }
      }`,
      { a: { roomId, body: 'one' }, b: { roomId, body: 'two' } },
    );
    expect(at(two, 'a.message.room.lastMessage.body')).toBe('one');
    expect(at(two, 'b.message.room.lastMessage.body')).toBe('two');
    expect(at(two, 'b.message.room.cursor')).toBe(at(two, 'b.message.cursor'));
  });

  it('signs up and in, and out', async () => {
    const { ask, run, services } = open();
    const username = unique('new');
    const input = { username, password: 'correct horse', displayName: 'New One' };
    const fields = 'token expiresAt user { username displayName presence { status } }';
    const up = await ask(null, `mutation($i: SignUpInput!) { signUp(input: $i) { ${fields} } }`, { i: input });
    expect(at(up, 'signUp.user')).toEqual({ username, displayName: 'New One', presence: { status: 'OFFLINE' } });
    expect(textAt(up, 'signUp.expiresAt')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const again = await run(null, `mutation($i: SignUpInput!) { signUp(input: $i) { ${fields} } }`, { i: input });
    expect(again.errors[0]?.extensions).toEqual({ code: 'CONFLICT', field: 'input.username' });
    const signIn = 'mutation($i: SignInInput!) { signIn(input: $i) { token } }';
    const token = textAt(await ask(null, signIn, { i: { username, password: input.password } }), 'signIn.token');
    const viewer = await services.auth.authenticate(token);
    if (!viewer) throw new Error('not signed in');
    const person = {
      viewer,
      token,
      user: { id: viewer.userId, username, displayName: 'New One', avatarUrl: null, isBot: false, createdAt: 0 },
    };
    expect(await ask(person, '{ viewer { user { username } unreadCount } }')).toEqual({
      viewer: { user: { username }, unreadCount: 0 },
    });
    expect(await ask(null, '{ viewer { user { username } } }')).toEqual({ viewer: null });
    expect(await ask(person, 'mutation { signOut { signedOut } }')).toEqual({ signOut: { signedOut: true } });
    expect(await services.auth.authenticate(token)).toBeNull();
    const wrong = await run(null, signIn, { i: { username, password: 'wrong horse' } });
    expect([wrong.code, wrong.errors[0]?.message]).toEqual(['UNAUTHENTICATED', 'Wrong username or password.']);
  });
});
