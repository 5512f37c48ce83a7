import {
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { directRoomId, messageId, newRoomId } from '../../src/domain/ids.ts';
import type { Message } from '../../src/domain/message.ts';
import type { Room } from '../../src/domain/room.ts';
import { createSchema } from '../../src/schema/index.ts';
import { openApi } from '../support/api.ts';
import { type Person, unique } from '../support/services.ts';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';

const schema = createSchema();
const ROOTS = ['Query', 'Mutation', 'Subscription'];

/** What tells something about a room that not everyone may know of. */
const GUARDED = new Set(['Room', 'Message', 'Membership', 'Reaction', 'RoomEvent', 'Viewer', 'Presence', 'Node', 'ViewerEvent']);

/** A guarded type, also where it comes in pages. */
const guardedBy = (field: GraphQLField<unknown, unknown>): boolean =>
  GUARDED.has(getNamedType(field.type).name.replace(/(Connection|Edge)$/, ''));

const fieldsOf = (type: GraphQLNamedType): GraphQLField<unknown, unknown>[] =>
  isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];

/**
 * Every way from one object to a guarded one, and why it may be gone by whoever holds the first. A way in is judged by the test below that goes
 * all of them as everyone; the ways on are judged here. A new one has no verdict, and fails.
 */
const VERDICTS: Record<string, string> = {
  'AddMemberPayload.membership': 'of a room the viewer is in',
  'AddReactionPayload.message': 'of a room the viewer is in',
  'CaughtUp.room': 'the subscription’s room',
  'CreateRoomPayload.room': 'of a room the viewer is in',
  'DeleteMessagePayload.message': 'of a room the viewer is in',
  'EditMessagePayload.message': 'of a room the viewer is in',
  'JoinRoomPayload.membership': 'of a room the viewer is in',
  'LeaveRoomPayload.room': 'a public room, or a snapshot of the room left',
  'MarkReadPayload.membership': 'of a room the viewer is in',
  'MemberJoined.membership': 'the subscription’s room',
  'MemberJoined.message': 'the subscription’s room',
  'MemberJoined.room': 'the subscription’s room',
  'MemberLeft.message': 'the subscription’s room',
  'MemberLeft.room': 'the subscription’s room',
  'Membership.room': 'the membership’s own room',
  'MembershipAdded.membership': 'the viewer’s own',
  'MembershipConnection.edges': 'the same list',
  'MembershipConnection.nodes': 'the same list',
  'MembershipEdge.node': 'the same list',
  'MembershipUpdated.membership': 'the viewer’s own',
  'Message.reactions': 'the message’s own',
  'Message.replies': 'the same room',
  'Message.replyTo': 'the same room',
  'Message.room': 'the message’s own room',
  'MessageConnection.edges': 'the same list',
  'MessageConnection.nodes': 'the same list',
  'MessageEdge.node': 'the same list',
  'MessageSent.message': 'the subscription’s room',
  'MessageSent.room': 'the subscription’s room',
  'MessageUpdated.message': 'the subscription’s room',
  'MessageUpdated.room': 'the subscription’s room',
  'OpenDirectRoomPayload.room': 'of a room the viewer is in',
  'PresenceChanged.room': 'the subscription’s room',
  'ReadReceiptMoved.membership': 'the subscription’s room',
  'ReadReceiptMoved.room': 'the subscription’s room',
  'RemoveMemberPayload.room': 'of a room the viewer is in',
  'RemoveReactionPayload.message': 'of a room the viewer is in',
  'Reset.room': 'the subscription’s room',
  'Room.lastMessage': 'the same room',
  'Room.members': 'the same room',
  'Room.messages': 'the same room',
  'Room.viewerMembership': 'the viewer’s own',
  'RoomConnection.edges': 'the same list',
  'RoomConnection.nodes': 'the same list',
  'RoomEdge.node': 'the same list',
  'RoomEvent.room': 'the subscription’s room',
  'RoomUpdated.message': 'the subscription’s room',
  'RoomUpdated.room': 'the subscription’s room',
  'SendMessagePayload.message': 'of a room the viewer is in',
  'SetMemberRolePayload.membership': 'of a room the viewer is in',
  'TypingStarted.room': 'the subscription’s room',
  'UpdateRoomPayload.room': 'of a room the viewer is in',
  'User.presence': 'judged by rooms shared, each time',
  'Viewer.memberships': 'the viewer’s own',
  'ViewerCaughtUp.viewer': 'the viewer',
};

/** All that can be selected of a type, so many steps deep. */
function everything(type: GraphQLNamedType, depth: number): string {
  if (isUnionType(type) || isInterfaceType(type)) {
    return schema
      .getPossibleTypes(type)
      .map((each) => `... on ${each.name} { ${everything(each, depth)} }`)
      .join(' ');
  }
  return fieldsOf(type)
    .filter((field) => !field.args.some(isRequiredArgument))
    .map((field) => {
      const held = getNamedType(field.type);
      // Two types may have fields of one name and different kinds; aliases keep them apart.
      const alias = `${type.name}_${field.name}: ${field.name}`;
      if (!isCompositeType(held)) return alias;
      return depth > 0 ? `${alias} { __typename ${everything(held, depth - 1)} }` : '';
    })
    .join(' ');
}

const DEPTH = 4;
const allOf = (name: string, depth = DEPTH): string =>
  `__typename ${everything(schema.getType(name) as GraphQLNamedType, depth)}`;

onEveryStore('S1: who sees what', (site) => {
  let house: Awaited<ReturnType<typeof build>>;

  async function build() {
    const api = openApi(site.store);
    const people = {
      owner: await api.signUp(unique('owner')),
      moderator: await api.signUp(unique('mod')),
      member: await api.signUp(unique('member')),
      former: await api.signUp(unique('former')),
      outsider: await api.signUp(unique('outsider')),
    };
    const { owner, moderator, member, former } = people;
    const { services } = api;
    const words = { hidden: unique('hidden'), direct: unique('direct'), open: unique('open') };

    async function fill(room: Room, word: string): Promise<Message> {
      const say = (by: Person, body: string, more: object = {}) =>
        services.messages.send(by.viewer, { roomId: room.id, body, ...more });
      const first = await say(owner, `${word} first @${member.user.username}`);
      await say(member, `${word} answer`, { replyToId: messageId(first), idempotencyKey: `${word}-key` });
      await services.messages.react(member.viewer, { messageId: messageId(first), emoji: '👀', present: true });
      return first;
    }
    const inside = [moderator, member, former].map(({ user }) => user.id);
    const hidden = await services.rooms.create(owner.viewer, {
      name: words.hidden,
      topic: `${words.hidden} topic`,
      kind: 'PRIVATE',
      memberIds: inside,
    });
    await services.members.setRole(owner.viewer, { roomId: hidden.id, userId: moderator.user.id, role: 'MODERATOR' });
    await services.members.remove(owner.viewer, { roomId: hidden.id, userId: former.user.id });
    const direct = await services.directRooms.open(owner.viewer, member.user.id);
    const open = await services.rooms.create(owner.viewer, { name: words.open, memberIds: [member.user.id] });
    const messages = {
      hidden: await fill(hidden, words.hidden),
      direct: await fill(direct, words.direct),
      open: await fill(open, words.open),
    };
    await site.store.presence.renew(unique('test'), [owner.user.id], 600_000);
    return { ...api, people, words, rooms: { hidden, direct, open }, messages };
  }

  beforeAll(async () => {
    house = await build();
  });
  afterAll(() => house.close());

  type Place = 'hidden' | 'direct' | 'open';
  const WHO = ['nobody', 'outsider', 'former', 'member', 'moderator', 'owner'] as const;
  type Who = (typeof WHO)[number];
  const SEES: Record<Who, readonly Place[]> = {
    nobody: [],
    outsider: ['open'],
    former: ['open'],
    member: ['hidden', 'direct', 'open'],
    moderator: ['hidden', 'open'],
    owner: ['hidden', 'direct', 'open'],
  };
  const person = (who: Who): Person | null => (who === 'nobody' ? null : house.people[who]);

  /** Whatever gives a room away: its words, its id, the ids in it. */
  const traces = (place: Place): string[] => [house.words[place], house.rooms[place].id];
  const seenIn = (text: string): Place[] =>
    (['hidden', 'direct', 'open'] as const).filter((place) => traces(place).some((trace) => text.includes(trace)));

  /** Every way in that a query has, with everything that can be selected behind it. */
  const WAYS_IN: Record<string, () => { readonly fields: string; readonly sees: (who: Who) => readonly Place[] }[]> = {
    node: () =>
      (['hidden', 'direct', 'open'] as const).flatMap((place) =>
        [house.rooms[place].id, messageId(house.messages[place])].map((id) => ({
          fields: `node(id: "${id}") { ${allOf('Node')} }`,
          sees: (who: Who) => SEES[who].filter((each) => each === place),
        })),
      ),
    nodes: () => {
      const ids = [
        ...Object.values(house.rooms).map(({ id }) => id),
        ...Object.values(house.messages).map((message) => messageId(message)),
      ];
      return [{ fields: `nodes(ids: ${JSON.stringify(ids)}) { ${allOf('Node', 3)} }`, sees: (who: Who) => SEES[who] }];
    },
    room: () =>
      (['hidden', 'direct', 'open'] as const).map((place) => ({
        fields: `room(id: "${house.rooms[place].id}") { ${allOf('Room')} }`,
        sees: (who: Who) => SEES[who].filter((each) => each === place),
      })),
    rooms: () =>
      (['hidden', 'direct', 'open'] as const).map((place) => ({
        fields: `rooms(search: "${house.words[place]}") { ${allOf('RoomConnection')} }`,
        sees: (who: Who) => (who === 'nobody' ? [] : (['open'] as const).filter((each) => each === place)),
      })),
    user: () =>
      Object.values(house.people).map(({ user }) => ({
        fields: `user(username: "${user.username}") { ${allOf('User', 2)} }`,
        sees: () => [],
      })),
    users: () =>
      Object.values(house.people).map(({ user }) => ({
        fields: `users(search: "${user.username}") { ${allOf('UserConnection', 3)} }`,
        sees: () => [],
      })),
    viewer: () => [
      // Only what one belongs to: the owner and the member are in the public room too.
      {
        fields: `viewer { ${allOf('Viewer', 5)} }`,
        sees: (who: Who) => (['member', 'owner'].includes(who) ? SEES[who] : SEES[who].filter((each) => each !== 'open')),
      },
    ],
  };

  it('knows every way in', () => {
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {}).sort()).toEqual(Object.keys(WAYS_IN).sort());
  });

  describe.each(Object.keys(WAYS_IN))('by %s', (way) => {
    it.each(WHO)('%s', async (who) => {
      for (const { fields, sees } of WAYS_IN[way]?.() ?? []) {
        const { data, errors } = await house.run(person(who), `{ ${fields} }`);
        const text = JSON.stringify([data, errors]);
        expect(seenIn(text), fields.slice(0, 60)).toEqual(sees(who));
        if (who === 'nobody' && way !== 'viewer')
          expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
        else expect(errors).toEqual([]);
        // The owner alone is online, and shares no room with those outside.
        if (['outsider', 'former', 'nobody'].includes(who)) expect(text).not.toContain('ONLINE');
      }
    });
  });

  it('no way leads from one room into another', async () => {
    for (const place of ['hidden', 'direct', 'open'] as const) {
      const { data, errors } = await house.run(
        house.people.owner,
        `{ room(id: "${house.rooms[place].id}") { ${allOf('Room', 5)} } }`,
      );
      expect(errors).toEqual([]);
      expect(seenIn(JSON.stringify(data))).toEqual([place]);
    }
  });

  it('to one who may not know of it, a room is answered like one that is not', async () => {
    const ask = async (who: Who, id: string, message: string) => {
      const text = `query($id: ID!, $message: ID!, $ids: [ID!]!) { room(id: $id) { name } a: node(id: $id) { id } b: node(id: $message) { id } nodes(ids: $ids) { id } }`;
      const { data, errors } = await house.run(person(who), text, { id, message, ids: [id, message] });
      return JSON.stringify([data, errors]);
    };
    for (const who of ['outsider', 'former'] as const) {
      for (const place of ['hidden', 'direct'] as const) {
        const { people, messages, rooms } = house;
        const none = place === 'direct' ? directRoomId(people.outsider.user.id, people.former.user.id) : newRoomId();
        const noMessage = messageId({ ...messages[place], roomId: none });
        expect(await ask(who, rooms[place].id, messageId(messages[place]))).toBe(await ask(who, none, noMessage));
      }
    }
  });

  /** What each mutation says to those who are not in the room: in the hidden and the direct one, and in the public one. */
  const MUTATIONS: Record<string, { input(place: Place): object | null; outside: string; open: string }> = {
    updateRoom: { input: (place) => ({ roomId: house.rooms[place].id, name: 'x' }), outside: 'NOT_FOUND', open: 'FORBIDDEN' },
    leaveRoom: { input: (place) => ({ roomId: house.rooms[place].id }), outside: 'NOT_FOUND', open: 'FORBIDDEN' },
    addMember: {
      input: (place) => ({ roomId: house.rooms[place].id, userId: house.people.outsider.user.id }),
      outside: 'NOT_FOUND',
      open: 'FORBIDDEN',
    },
    removeMember: {
      input: (place) => ({ roomId: house.rooms[place].id, userId: house.people.member.user.id }),
      outside: 'NOT_FOUND',
      open: 'FORBIDDEN',
    },
    setMemberRole: {
      input: (place) => ({ roomId: house.rooms[place].id, userId: house.people.member.user.id, role: 'OWNER' }),
      outside: 'NOT_FOUND',
      open: 'FORBIDDEN',
    },
    sendMessage: { input: (place) => ({ roomId: house.rooms[place].id, body: 'x' }), outside: 'NOT_FOUND', open: 'FORBIDDEN' },
    editMessage: {
      input: (place) => ({ messageId: messageId(house.messages[place]), body: 'x' }),
      outside: 'NOT_FOUND',
      open: 'FORBIDDEN',
    },
    deleteMessage: {
      input: (place) => ({ messageId: messageId(house.messages[place]) }),
      outside: 'NOT_FOUND',
      open: 'FORBIDDEN',
    },
    addReaction: {
      input: (place) => ({ messageId: messageId(house.messages[place]), emoji: '👍' }),
      outside: 'NOT_FOUND',
      open: 'FORBIDDEN',
    },
    removeReaction: {
      input: (place) => ({ messageId: messageId(house.messages[place]), emoji: '👀' }),
      outside: 'NOT_FOUND',
      open: 'FORBIDDEN',
    },
    markRead: {
      input: (place) => ({ roomId: house.rooms[place].id, messageId: messageId(house.messages[place]) }),
      outside: 'NOT_FOUND',
      open: 'FORBIDDEN',
    },
    setTyping: { input: (place) => ({ roomId: house.rooms[place].id }), outside: 'NOT_FOUND', open: 'FORBIDDEN' },
    // Anyone may join what is public; the hidden ones are as if they were not.
    joinRoom: { input: (place) => (place === 'open' ? null : { roomId: house.rooms[place].id }), outside: 'NOT_FOUND', open: '' },
  };
  /** What names no room of others: its own tests tell. */
  const ROOMLESS = ['signUp', 'signIn', 'signOut', 'createRoom', 'openDirectRoom'];

  it('knows every mutation', () => {
    const known = [...Object.keys(MUTATIONS), ...ROOMLESS].sort();
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {}).sort()).toEqual(known);
  });

  describe.each(Object.keys(MUTATIONS))('%s', (name) => {
    it('is refused from outside, and leaves no mark', async () => {
      const field = schema.getMutationType()?.getFields()[name];
      const mutation = MUTATIONS[name];
      if (!field || !mutation) throw new Error(`no mutation ${name}`);
      const payload = getNamedType(field.type).name;
      const text = `mutation($input: ${field.args[0]?.type}) { ${name}(input: $input) { ${allOf(payload, 3)} } }`;
      const heads = () => site.store.timeline.heads(Object.values(house.rooms).map(({ id }) => id));
      const before = await heads();
      for (const place of ['hidden', 'direct', 'open'] as const) {
        const input = mutation.input(place);
        if (input === null) continue;
        for (const who of ['nobody', 'outsider', 'former'] as const) {
          const { code, data, errors } = await house.run(person(who), text, { input });
          expect([place, who, code, data]).toEqual([
            place,
            who,
            who === 'nobody' ? 'UNAUTHENTICATED' : place === 'open' ? mutation.open : mutation.outside,
            null,
          ]);
          expect(seenIn(JSON.stringify(errors))).toEqual([]);
        }
      }
      expect(await heads()).toEqual(before);
    });
  });

  it('S2: no subscription tells of a room that one is not in', async () => {
    expect(Object.keys(schema.getSubscriptionType()?.getFields() ?? {}).sort()).toEqual(['roomEvents', 'viewerEvents']);
    const room = 'subscription($id: ID!) { roomEvents(roomId: $id) { __typename } }';
    for (const who of ['nobody', 'outsider', 'former'] as const) {
      for (const place of ['hidden', 'direct', 'open'] as const) {
        const expected = who === 'nobody' ? 'UNAUTHENTICATED' : place === 'open' ? 'FORBIDDEN' : 'NOT_FOUND';
        const refused = house.follow(person(who), room, { id: house.rooms[place].id });
        await expect(refused, `${who} ${place}`).rejects.toMatchObject({ extensions: { code: expected } });
      }
    }
    const all = `subscription { viewerEvents { ${allOf('ViewerEvent', 3)} } }`;
    const [outside, inside] = [await house.follow(house.people.outsider, all), await house.follow(house.people.moderator, all)];
    await Promise.all([outside.next('ViewerCaughtUp'), inside.next('ViewerCaughtUp')]);
    const { owner } = house.people;
    for (const place of ['hidden', 'open'] as const) {
      await house.services.messages.send(owner.viewer, { roomId: house.rooms[place].id, body: `${house.words[place]} news` });
    }
    await waitFor(() => JSON.stringify(inside.events).includes(`${house.words.hidden} news`), { what: 'the news inside' });
    expect(seenIn(JSON.stringify(outside.events))).toEqual([]);
    await Promise.all([outside.stop(), inside.stop()]);
  });
});

describe('S1: the ways on', () => {
  it('each have a verdict', () => {
    const ways = Object.values(schema.getTypeMap())
      .filter((type) => !ROOTS.includes(type.name) && !isIntrospectionType(type))
      .flatMap((type) =>
        fieldsOf(type)
          .filter(guardedBy)
          .map((field) => `${type.name}.${field.name}`),
      );
    expect(ways.sort()).toEqual(Object.keys(VERDICTS).sort());
  });
});
