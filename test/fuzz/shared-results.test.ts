import { rm } from 'node:fs/promises';
import {
  type ExecutionResult,
  type GraphQLField,
  type GraphQLNamedType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { Context } from '../../src/context.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { eventOf, type RoomDelivery } from '../../src/domain/event.ts';
import { messageId } from '../../src/domain/ids.ts';
import type { Message } from '../../src/domain/message.ts';
import type { Hub } from '../../src/realtime/hub.ts';
import { createMaskError } from '../../src/resolvers/errors.ts';
import { createSchema } from '../../src/schema/index.ts';
import { createEmbeddedStore } from '../../src/store/embedded/index.ts';
import { createDocuments } from '../../src/transport/documents.ts';
import { type Caller, createExecution } from '../../src/transport/execution.ts';
import { createSharing } from '../../src/transport/sharing.ts';
import { createRandom } from '../support/random.ts';
import { randomSelection } from '../support/random-document.ts';
import { openServices, type Person } from '../support/services.ts';
import { temporaryDirectory } from '../support/stores.ts';

const FRESH = Number(process.env.PARLEY_SEED ?? Math.floor(Math.random() * 1e9));
const DOCUMENTS = 250;
const EPOCH = 'abcdef012345';

const schema = createSchema();
const eventType = schema.getType('RoomEvent') as GraphQLNamedType;
const isShared = (field: GraphQLField<unknown, unknown>): boolean => field.extensions.shared === true;

async function setUp() {
  const dataDir = await temporaryDirectory();
  const store = await createEmbeddedStore({ dataDir, log: { error() {} } });
  const { services, signUp } = openServices(store);
  const people: Person[] = [];
  for (const name of ['owner', 'moderator', 'member', 'reader']) people.push(await signUp(`${name}${Date.now()}`));
  const [owner, moderator, member, reader] = people as [Person, Person, Person, Person];
  const memberIds = [moderator, member, reader].map(({ user }) => user.id);
  const { id: roomId } = await services.rooms.create(owner.viewer, {
    name: 'Room',
    kind: 'PRIVATE',
    topic: 'A topic',
    memberIds,
  });
  await services.members.setRole(owner.viewer, { roomId, userId: moderator.user.id, role: 'MODERATOR' });
  const first = await services.messages.send(member.viewer, {
    roomId,
    body: `Hello @${owner.user.username} ünï ☃`,
    idempotencyKey: 'k1',
  });
  const second = await services.messages.send(owner.viewer, { roomId, body: 'An answer', replyToId: messageId(first) });
  for (const person of people)
    await services.messages.react(person.viewer, { messageId: messageId(first), emoji: '👍', present: true });
  await services.messages.edit(owner.viewer, { messageId: messageId(second), body: 'A better answer' });
  const third = await services.messages.send(moderator.viewer, { roomId, body: 'Gone soon', replyToId: messageId(first) });
  await services.messages.delete(owner.viewer, messageId(third));
  await services.reading.markRead(reader.viewer, { roomId, messageId: messageId(second) });
  await services.rooms.update(owner.viewer, { roomId, name: 'Another name', topic: null });
  const { messages } = await store.timeline.page(roomId, { after: null, before: null, from: 'start', limit: 100 });
  return { dataDir, store, services, people, roomId, events: eventsOf(messages, reader.user.id) };
}

/** One of each kind there is. */
function eventsOf(messages: readonly Message[], userId: string): RoomDelivery[] {
  const epoch = EPOCH;
  const last = messages.at(-1)?.number ?? 0;
  return [
    ...messages.flatMap((message) => [
      eventOf({ epoch, number: message.number }, message),
      ...(message.changed > message.number ? [eventOf({ epoch, number: message.changed }, message)] : []),
    ]),
    { type: 'typing', userId, expiresAt: 1_700_000_000_000 },
    { type: 'presence-changed', userId, online: true, lastSeenAt: null },
    { type: 'presence-changed', userId, online: false, lastSeenAt: 1_700_000_000_000 },
    { type: 'receipt-moved', userId, receipt: { number: 3, ordinal: 1, messageAt: 1, readAt: 2 } },
    { type: 'caught-up', position: { epoch, number: last } },
    { type: 'reset', position: { epoch, number: last }, reason: 'EXPIRED' },
  ];
}

type Ground = Awaited<ReturnType<typeof setUp>>;

/** A hub whose room has these events and no others. */
const hubOf = (events: readonly RoomDelivery[]): Hub =>
  ({
    standing: async () => ({ kind: 'PRIVATE', role: 'MEMBER', position: { epoch: EPOCH, number: 0 } }),
    roomEvents: () =>
      (async function* () {
        yield* events;
      })(),
  }) as unknown as Hub;

function executionOver({ services, events }: Ground) {
  const { document } = readConfig({});
  const documents = createDocuments(
    schema,
    { ...document, explorer: true, tokens: 1e6, cost: 1e6, depth: 100, aliases: 1e4, directives: 1e4 },
    { wait: () => 0, spend() {} },
  );
  const hub = hubOf(events);
  const createContext = ({ viewer, client, room }: Caller): Context => ({
    viewer,
    client,
    services,
    hub,
    loaders: services.loaders(),
    ...(room && { room }),
  });
  const maskError = createMaskError({ development: false, log: { error() {} } as never });
  return createExecution({ schema, documents, createContext, maskError, observe() {}, clock: systemClock, closing: () => false });
}

/** A subscription to the room's events with that selection, declaring what it uses. */
function subscriptionWith(selection: string): string {
  const few = selection.includes('$few') ? ', $few: Int' : '';
  const yes = selection.includes('$yes') ? ', $yes: Boolean = true' : '';
  return `subscription($room: ID!${few}${yes}) { roomEvents(roomId: $room) ${selection} }`;
}

/** Whether every field of the document is marked. */
function asksSharedOnly(query: string): boolean {
  const types = new TypeInfo(schema);
  let shared = true;
  visit(
    parse(query),
    visitWithTypeInfo(types, {
      Field(node) {
        if (node.name.value !== '__typename' && types.getFieldDef()?.extensions.shared !== true) shared = false;
      },
    }),
  );
  return shared;
}

describe('P7 what is made once for all members of a room', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await setUp();
  });
  afterAll(async () => {
    await ground.store.close();
    await rm(ground.dataDir, { recursive: true });
  });

  it('equals what each would be shown alone, for random documents and every role; anything unmarked is made for its viewer', async () => {
    console.log(`documents from ${FRESH}`);
    const execution = executionOver(ground);
    const sharingOf = createSharing(schema);
    const client = { address: '192.0.2.1', closeSlow() {} };
    let shared = 0;
    let own = 0;
    for (let seed = FRESH; seed < FRESH + DOCUMENTS; seed += 1) {
      const random = createRandom(seed);
      const any = random.chance(0.3);
      const taste = { mayAsk: (field: GraphQLField<unknown, unknown>) => any || isShared(field), depth: 2 + random.below(3) };
      const query = subscriptionWith(randomSelection(schema, eventType, random, taste));
      const prepared = execution.prepare({ query, variables: { room: ground.roomId, few: 1 + random.below(3) } }, client.address);
      if ('errors' in prepared) {
        // Fields of two types may have the same name and differ: nobody may ask for that at once.
        expect(String(prepared.errors[0]?.message), query).toMatch(/conflict/);
        continue;
      }
      const sharing = sharingOf(prepared, prepared.variables);
      expect(sharing !== null, query).toBe(asksSharedOnly(query));
      if (sharing === null) {
        own += 1;
        continue;
      }
      shared += 1;
      const once: ExecutionResult[] = [];
      for (const event of ground.events) once.push(await execution.share(prepared, sharing, event, () => {}));
      for (const { viewer } of ground.people) {
        const results = await execution.subscribe(prepared, { viewer, client });
        const alone: ExecutionResult[] = [];
        if (!(Symbol.asyncIterator in results)) throw new Error(JSON.stringify(results));
        for await (const result of results) alone.push(result);
        expect(JSON.stringify(once), `seed ${seed}: ${query}`).toBe(JSON.stringify(alone));
      }
    }
    // Some 36 of 250 are made for their viewer.
    expect(Math.min(shared, own)).toBeGreaterThan(DOCUMENTS / 25);
  }, 60_000);
});
