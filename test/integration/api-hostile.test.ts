import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLInputField,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageId } from '../../src/domain/ids.ts';
import { createSchema } from '../../src/schema/index.ts';
import { openApi } from '../support/api.ts';
import { at } from '../support/graphql-client.ts';
import { openServices, outcome, type Person, unique } from '../support/services.ts';
import { onEveryStore } from '../support/stores.ts';

const schema = createSchema();

const NASTY = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  '__defineGetter__',
  'null',
  'undefined',
  'NaN',
  '',
  ' ',
  '0',
  '-1',
  '*',
  '{room}:x',
  '{',
  '}',
  ':',
  '\r\nFLUSHALL\r\n',
  '$(id)',
  "'; return redis.call('FLUSHALL') --",
  '../../etc/passwd',
  '<img src=x onerror=alert(1)>',
  '\u0000',
  '\ud800',
  '\u202e',
  '🦄',
  'x'.repeat(5000),
];

/** Codes that may answer hostile input. */
const EXPECTED = new Set(['ok', 'BAD_USER_INPUT', 'NOT_FOUND', 'UNAUTHENTICATED', 'FORBIDDEN', 'CONFLICT', 'TOO_LARGE']);

/** A value of that input in which every text is `text`. */
function filledWith(input: GraphQLArgument | GraphQLInputField, text: string): unknown {
  const type = getNamedType(input.type);
  const listed = isListType(isNonNullType(input.type) ? input.type.ofType : input.type);
  let value: unknown = text;
  if (isInputObjectType(type))
    value = Object.fromEntries(Object.values(type.getFields()).map((each) => [each.name, filledWith(each, text)]));
  else if (isEnumType(type)) value = type.getValues()[0]?.name;
  else if (type.name === 'Int') value = 1;
  return listed ? [value] : value;
}

onEveryStore('hostile input', (site) => {
  let api: ReturnType<typeof openApi>;
  let ann: Person;
  beforeAll(async () => {
    api = openApi(site.store);
    ann = await api.signUp();
  });
  afterAll(() => api.close());

  const roots = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.values(type?.getFields() ?? {})
      .filter(({ args, name }) => args.length > 0 && name !== 'signOut')
      .map((field) => ({ kind: type?.name.toLowerCase() ?? '', field })),
  );

  describe('S22, S23: is inert in every text of', () => {
    it.each(roots.map((root) => [root.field.name, root] as const))('%s', async (_name, { kind, field }) => {
      const declared = field.args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
      const passed = field.args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
      const text = `${kind}(${declared}) { ${field.name}(${passed}) { __typename } }`;
      const before = Object.getOwnPropertyNames(Object.prototype).sort();
      for (const nasty of NASTY) {
        const variables = Object.fromEntries(field.args.map((arg) => [arg.name, filledWith(arg, nasty)]));
        const { code, errors } = await api.run(ann, text, variables);
        expect(EXPECTED, `${JSON.stringify(nasty.slice(0, 40))}: ${code}`).toContain(code);
        for (const { extensions } of errors)
          if (extensions.code === 'BAD_USER_INPUT') expect(extensions.field).toEqual(expect.any(String));
      }
      expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
    });
  });

  it('S33: ids changed here and there name nothing, or what anyone may see', async () => {
    const { services, signUp } = openServices(site.store);
    const [owner, outsider] = [await signUp(), await signUp()];
    const hidden = await services.rooms.create(owner.viewer, { name: 'hidden', kind: 'PRIVATE' });
    const direct = await services.directRooms.open(owner.viewer, ann.user.id);
    const ids = [hidden.id, direct.id, owner.user.id];
    for (const { id } of [hidden, direct]) {
      ids.push(messageId(await services.messages.send(owner.viewer, { roomId: id, body: 'secret' })));
    }
    const changed = fc
      .tuple(fc.constantFrom(...ids), fc.nat(), fc.constantFrom(...'0123456789abcdefudrm-_.:{}'), fc.constantFrom(...ids))
      .map(([id, where, letter, other]) => {
        const place = where % id.length;
        // One letter changed, one left out, or the head of one id on the tail of another.
        const kinds = [
          id.slice(0, place) + letter + id.slice(place + 1),
          id.slice(0, place) + id.slice(place + 1),
          id.slice(0, place) + other.slice(place),
        ];
        return kinds[where % 3] ?? id;
      });
    const tried = fc.sample(changed, { numRuns: 3500, seed: 33 });
    for (let from = 0; from < tried.length; from += 100) {
      const nodes = await services.nodes.loadMany(outsider.viewer, services.loaders(), tried.slice(from, from + 100));
      for (const node of nodes) expect(node === null || node.type === 'user').toBe(true);
    }
  });

  it('S33: made-up cursors are refused by name or harmless', async () => {
    const { services, signUp } = openServices(site.store);
    const [owner, other] = [await signUp(), await signUp()];
    const room = await services.rooms.create(owner.viewer, { name: 'mine' });
    const hidden = await services.rooms.create(other.viewer, { name: 'hidden', kind: 'PRIVATE' });
    for (const { id } of [room]) await services.messages.send(owner.viewer, { roomId: id, body: 'x' });
    const loaders = () => services.loaders();
    const [page, members, rooms] = [
      await services.messages.page(loaders(), room.id, {}),
      await services.members.list(room.id, {}),
      await services.reading.memberships(owner.viewer, loaders(), {}),
    ];
    const real = [page, members, rooms].map(({ endCursor }) => endCursor ?? '');
    const letters = [...'0123456789abcdefr.-_=+/ é\u0000'];
    const cursors = [
      ...NASTY,
      ...fc.sample(
        fc.tuple(fc.constantFrom(...real), fc.nat(), fc.constantFrom(...letters)).map(([cursor, n, letter]) => {
          const place = n % (cursor.length + 1);
          return cursor.slice(0, place) + letter + cursor.slice(place + (n % 2));
        }),
        { numRuns: 100, seed: 33 },
      ),
    ];
    for (const after of cursors) {
      const told = await Promise.all([
        outcome(services.messages.page(loaders(), room.id, { after })),
        outcome(services.members.list(room.id, { after })),
        outcome(services.reading.memberships(owner.viewer, loaders(), { after })),
        outcome(services.users.list(owner.viewer, loaders(), { after })),
        outcome(services.rooms.list(owner.viewer, loaders(), { after })),
      ]);
      for (const each of told) expect(['ok', 'BAD_USER_INPUT after'], JSON.stringify(after)).toContain(each);
      const seen = await services.messages.page(loaders(), room.id, { after }).catch(() => null);
      for (const { node } of seen?.edges ?? []) expect(node.roomId).not.toBe(hidden.id);
    }
  });

  it('S25: names come back as they went in, live, read and found', async () => {
    const names = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), { numRuns: 60, seed: 25 });
    const create = 'mutation($i: CreateRoomInput!) { createRoom(input: $i) { room { id name topic } } }';
    let kept = 0;
    for (const name of [...names, 'İstanbul', 'ﬁn', 'e\u0301', '\u00e9', 'Ⅷ', '👩‍🚒', `${unique('z')} \u202e`]) {
      const { data, code, errors } = await api.run(ann, create, { i: { name, topic: name } });
      if (code !== 'ok') {
        expect([code, errors[0]?.extensions.field]).toEqual(['BAD_USER_INPUT', 'input.name']);
        continue;
      }
      kept += 1;
      const made = at(data, 'createRoom.room');
      expect(made).toMatchObject({ name: name.trim(), topic: name.trim() });
      expect(await api.ask(ann, 'query($id: ID!) { room(id: $id) { id name topic } }', { id: at(made, 'id') })).toEqual({
        room: made,
      });
      const found = await api.ask(ann, 'query($s: String) { rooms(search: $s, first: 100) { nodes { id name topic } } }', {
        s: name,
      });
      expect(at(found, 'rooms.nodes')).toContainEqual(made);
    }
    expect(kept).toBeGreaterThan(20);
  });
});
