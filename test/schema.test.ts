import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../src/schema/index.ts';

const root = path.resolve(import.meta.dirname, '..');
const schema = createSchema();
const contract = buildSchema(readFileSync(path.join(root, 'docs/contract.graphql'), 'utf8'));

const typesOf = (of: GraphQLSchema): GraphQLNamedType[] =>
  Object.values(of.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type));
const fieldsOf = (type: GraphQLNamedType): GraphQLField<unknown, unknown>[] =>
  isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
const inputsOf = (type: GraphQLNamedType): GraphQLInputField[] =>
  isInputObjectType(type) ? Object.values(type.getFields()) : [];

const signatureOf = (input: GraphQLArgument | GraphQLInputField): string =>
  `${input.name}: ${input.type}${input.defaultValue === undefined ? '' : ` = ${JSON.stringify(input.defaultValue)}`}`;

/** What a type promises, a line each: kind, interfaces, members, values, fields, arguments, nullability, defaults. */
function promisesOf(type: GraphQLNamedType): string[] {
  const at = (text: string) => `${type.name}.${text}`;
  return [
    `${type.constructor.name} ${type.name}`,
    ...(isObjectType(type) || isInterfaceType(type)
      ? type.getInterfaces().map((each) => `${type.name} implements ${each.name}`)
      : []),
    ...(isUnionType(type) ? type.getTypes().map((each) => `${type.name} = ${each.name}`) : []),
    ...(isEnumType(type) ? type.getValues().map((each) => at(each.name)) : []),
    ...inputsOf(type).map((each) => at(signatureOf(each))),
    ...fieldsOf(type).flatMap((field) => [
      at(`${field.name}: ${field.type}`),
      ...field.args.map((each) => at(`${field.name}(${signatureOf(each)})`)),
    ]),
  ];
}

describe('the schema', () => {
  it('is the one committed as schema.graphql', () => {
    const printed = `${printSchema(lexicographicSortSchema(schema))}\n`;
    const committed = readFileSync(path.join(root, 'schema.graphql'), 'utf8');
    expect(printed === committed, 'The schema has changed. Look at the change, then write it down: npm run schema').toBe(true);
  });

  it('contains the contract: every type, field, argument, value and nullability', () => {
    const served = new Set(typesOf(schema).flatMap(promisesOf));
    const promised = typesOf(contract).flatMap(promisesOf);
    expect(promised.length).toBeGreaterThan(300);
    expect(promised.filter((promise) => !served.has(promise))).toEqual([]);
  });

  it('is stricter than the contract nowhere: what it adds to inputs is optional', () => {
    const stricter = typesOf(schema).flatMap((type) => {
      const theirs = contract.getType(type.name);
      if (theirs === undefined) return [];
      const known = new Set(promisesOf(theirs));
      const required = (input: GraphQLArgument | GraphQLInputField) =>
        String(input.type).endsWith('!') && input.defaultValue === undefined;
      const inputs = inputsOf(type).filter((each) => required(each) && !known.has(`${type.name}.${signatureOf(each)}`));
      const args = fieldsOf(type)
        .filter((field) => known.has(`${type.name}.${field.name}: ${field.type}`))
        .flatMap((field) =>
          field.args.filter((each) => required(each) && !known.has(`${type.name}.${field.name}(${signatureOf(each)})`)),
        );
      return [...inputs, ...args].map((each) => `${type.name}: ${each.name}`);
    });
    expect(stricter).toEqual([]);
  });

  it('explains everything to a reader who knows nothing', () => {
    const silent = typesOf(schema).flatMap((type) => {
      const parts: [string, string | null | undefined][] = [
        [type.name, type.description],
        ...(isEnumType(type)
          ? type.getValues().map((each): [string, string | null | undefined] => [each.name, each.description])
          : []),
        ...inputsOf(type).map((each): [string, string | null | undefined] => [each.name, each.description]),
        ...fieldsOf(type).flatMap((field): [string, string | null | undefined][] => [
          [field.name, field.description],
          ...field.args.map((each): [string, string | null | undefined] => [`${field.name}(${each.name})`, each.description]),
        ]),
      ];
      return parts.filter(([, text]) => !text?.trim()).map(([name]) => `${type.name}.${name}`);
    });
    expect(silent).toEqual([]);
  });

  it('says what each field that gives objects costs', () => {
    const unpriced = typesOf(schema).flatMap((type) =>
      fieldsOf(type)
        .filter((field) => isCompositeType(getNamedType(field.type)) && typeof field.extensions.cost !== 'number')
        .map((field) => `${type.name}.${field.name}`),
    );
    expect(unpriced).toEqual([]);
  });

  it('names the fields that are the same for every member of a room, each looked at', () => {
    const shared = typesOf(schema).map((type) => {
      const names = fieldsOf(type).filter((field) => field.extensions.shared === true);
      return names.length === 0
        ? ''
        : `${type.name}: ${names
            .map(({ name }) => name)
            .sort()
            .join(' ')}`;
    });
    expect(shared.filter(Boolean).sort()).toMatchInlineSnapshot(`
      [
        "CaughtUp: cursor room",
        "MemberJoined: cursor membership message room",
        "MemberLeft: cursor message room user",
        "Membership: joinedAt lastReadAt lastReadMessageId role room unreadCount user",
        "MembershipConnection: edges nodes pageInfo",
        "MembershipEdge: cursor node",
        "Message: author body createdAt cursor deletedAt editedAt id idempotencyKey kind mentions reactions replies replyCount replyTo room",
        "MessageConnection: edges nodes pageInfo",
        "MessageEdge: cursor node",
        "MessageSent: cursor message room",
        "MessageUpdated: cursor message room",
        "Node: id",
        "PageInfo: endCursor hasNextPage hasPreviousPage startCursor",
        "PresenceChanged: cursor room user",
        "Reaction: count emoji users",
        "ReadReceiptMoved: cursor membership room",
        "Reset: cursor reason room",
        "Room: createdAt cursor id kind lastMessage memberCount members messages name topic",
        "RoomConnection: edges nodes pageInfo",
        "RoomEdge: cursor node",
        "RoomEvent: cursor room",
        "RoomUpdated: cursor message room",
        "Subscription: roomEvents",
        "TypingStarted: cursor expiresAt room user",
        "User: avatarUrl createdAt displayName id isBot username",
        "UserConnection: edges nodes pageInfo",
        "UserEdge: cursor node",
      ]
    `);
  });
});
