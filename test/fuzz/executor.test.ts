import { createHash } from 'node:crypto';
import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  parse,
  printSchema,
  responsePathAsArray,
  validate,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSchema } from '../../src/schema/index.ts';
import { coercionOf } from '../../src/transport/coercion.ts';
import { createExecutor } from '../../src/transport/executor.ts';
import { createRandom, type Random } from '../support/random.ts';

const RUNS = 400;

/** The API's types with resolvers that give, for each place of a result, what its path says: values, nulls, errors, now or later. */
function madeUp(): GraphQLSchema {
  const schema = buildSchema(`${printSchema(createSchema())}
    extend type Query { odd: Odd odds: [Odd!] oddLists: [[Odd]!]! number(times: Int = 2, of: [Int!], in: OddInput): Float! }
    extend type Mutation { odd(times: Int): Odd! }
    union Either = Odd | Even
    type Odd { id: ID! next: Even! maybe: Either eithers: [Either] name: String flag: Boolean! list: [Int!]! }
    type Even { id: ID! odd: Odd either: Either! deep: [[String!]] }
    input OddInput { at: Int! name: String = "x" }
  `);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && !type.name.startsWith('__')) {
      for (const field of Object.values(type.getFields()))
        field.resolve = (_source, args, _context, info) => valueAt(field, args, info);
    } else if (isAbstractType(type)) {
      type.resolveType = (value: unknown) => Reflect.get(Object(value), 'type');
    }
  }
  return schema;
}

const numberAt = (text: string): number => createHash('sha1').update(text).digest().readUInt32BE();

function valueAt({ type }: GraphQLField<unknown, unknown>, args: unknown, info: GraphQLResolveInfo): unknown {
  const context = `${Reflect.get(Object(info.rootValue), 'seed')} ${responsePathAsArray(info.path).join('.')} ${JSON.stringify(args)}`;
  return later(context, () => made(context, type, info));
}

/** Some at once, some later, some never. */
function later(seed: string, make: () => unknown): unknown {
  const chance = numberAt(`${seed} how`) % 20;
  if (chance === 0) throw new Error(`thrown at ${seed}`);
  if (chance === 1) return new Error(`returned at ${seed}`);
  if (chance === 2) return Promise.reject(new Error(`rejected at ${seed}`));
  if (chance < 6) return Promise.resolve().then(make);
  return make();
}

function made(seed: string, type: GraphQLOutputType, info: GraphQLResolveInfo): unknown {
  if (isNonNullType(type)) return numberAt(`${seed} null`) % 40 === 0 ? null : made(seed, type.ofType, info);
  if (numberAt(`${seed} nil`) % 8 === 0) return numberAt(seed) % 2 === 0 ? null : undefined;
  if (isListType(type)) {
    if (numberAt(`${seed} list`) % 30 === 0) return 'no list';
    const items = Array.from({ length: numberAt(seed) % 4 }, (_, index) => {
      const at = `${seed} ${index}`;
      const item = () => made(at, type.ofType, info);
      const how = numberAt(`${at} item`) % 12;
      return how === 0 ? Promise.reject(new Error(`item at ${at}`)) : how < 3 ? Promise.resolve().then(item) : item();
    });
    return numberAt(seed) % 5 === 0 ? new Set(items) : items;
  }
  if (isLeafType(type)) return leafAt(seed, type.name, isEnumType(type) ? type.getValues().map(({ value }) => value) : []);
  const possible = isAbstractType(type) ? info.schema.getPossibleTypes(type) : [type];
  const name = possible[numberAt(`${seed} type`) % possible.length]?.name;
  return { type: numberAt(`${seed} odd`) % 30 === 0 ? 'Query' : name };
}

function leafAt(seed: string, name: string, values: readonly unknown[]): unknown {
  const number = numberAt(seed);
  if (number % 25 === 0) return { not: 'a leaf' };
  if (values.length > 0) return values[number % values.length];
  if (name === 'Boolean') return number % 2 === 0;
  return name === 'Int' || name === 'Float' ? number % 1000 : `text ${number % 1000} "ü"`;
}

/** A document that is valid, with fragments, aliases, variables and fields asked for more than once. */
class Writer {
  readonly variables: Record<string, unknown> = {};
  readonly #definitions: string[] = [];
  readonly #fragments: string[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  operation(schema: GraphQLSchema, kind: 'query' | 'mutation'): string {
    const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
    const body = this.#set(schema, root as GraphQLObjectType, 4);
    const definitions = this.#definitions.length > 0 ? `(${this.#definitions.join(', ')})` : '';
    return [`${kind} Made${definitions} ${body}`, ...this.#fragments].join('\n');
  }

  #set(schema: GraphQLSchema, type: GraphQLOutputType, depth: number): string {
    const parts = Array.from({ length: 1 + this.#random.below(4) }, () => this.#selection(schema, type, depth));
    return `{ ${parts.join(' ')} __typename }`;
  }

  /** `@skip`, `@include`, both or neither, mostly neither. */
  #condition(): string {
    if (this.#random.chance(0.85)) return '';
    const name = this.#random.pick(['skip', 'include']);
    if (this.#random.chance(0.3)) return ` @${name}(if: ${this.#random.chance(0.5)})`;
    const variable = `c${this.#random.below(2)}`;
    if (!Object.hasOwn(this.variables, variable)) {
      this.#definitions.push(`$${variable}: Boolean!`);
      this.variables[variable] = this.#random.chance(0.02) ? 'neither' : this.#random.chance(0.5);
    }
    return ` @${name}(if: $${variable})${this.#random.chance(0.2) ? this.#other(name) : ''}`;
  }

  #other = (name: string) => ` @${name === 'skip' ? 'include' : 'skip'}(if: ${this.#random.chance(0.5)})`;

  #selection(schema: GraphQLSchema, type: GraphQLOutputType, depth: number): string {
    if (isUnionType(type) || this.#random.chance(0.2)) return this.#fragment(schema, type, depth);
    if (!isObjectType(type) && !isInterfaceType(type)) return '__typename';
    const fields = Object.values(type.getFields()).filter((field) => depth > 0 || !isCompositeType(getNamedType(field.type)));
    if (fields.length === 0 || this.#random.chance(0.05)) return '__typename';
    return this.#field(schema, this.#random.pick(fields), depth);
  }

  #field(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>, depth: number): string {
    const args = field.args.flatMap((arg) => {
      if (!isNonNullType(arg.type) && this.#random.chance(0.5)) return [];
      const name = `v${this.#definitions.length}`;
      this.#definitions.push(`$${name}: ${arg.type}`);
      const value = this.#input(String(arg.type));
      if (value !== undefined) this.variables[name] = value;
      return [`${arg.name}: $${name}`];
    });
    const held = getNamedType(field.type);
    const below = isCompositeType(held) ? this.#set(schema, held as GraphQLOutputType, depth - 1) : '';
    // Of one name only where nothing tells two of them apart.
    const alias =
      args.length > 0 || below !== ''
        ? `${field.name}_${this.#random.below(1e6)}`
        : this.#random.chance(0.2)
          ? `${field.name}_x`
          : '';
    return `${alias === '' ? '' : `${alias}: `}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${this.#condition()} ${below}`;
  }

  #fragment(schema: GraphQLSchema, type: GraphQLOutputType, depth: number): string {
    const possible: GraphQLOutputType[] = isAbstractType(type) ? [...schema.getPossibleTypes(type), type] : [type];
    const on = this.#random.pick(possible);
    const body = this.#set(schema, on, depth - 1);
    if (this.#random.chance(0.5))
      return this.#random.chance(0.3) && on === type
        ? `...${this.#condition()} ${body}`
        : `... on ${on}${this.#condition()} ${body}`;
    const name = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${on} ${body}`);
    return `...${name}${this.#condition()} ${this.#random.chance(0.3) ? `...${name}${this.#condition()}` : ''}`;
  }

  #input(type: string): unknown {
    if (!type.endsWith('!') && this.#random.chance(0.3)) return this.#random.chance(0.5) ? null : undefined;
    const bare = type.replace(/!$/, '');
    if (bare.startsWith('[')) return [this.#input(`${bare.slice(1, -1)}`)];
    if (bare === 'Int') return this.#random.chance(0.05) ? 'no number' : this.#random.below(9);
    if (bare === 'Boolean') return this.#random.chance(0.5);
    if (bare === 'OddInput') return this.#random.chance(0.5) ? { at: 1 } : { at: 2, name: null };
    return bare === 'ID' || bare === 'String' ? 'text' : {};
  }
}

// Faults of the server, which no client sees, are said in other words.
const SERVER_FAULT = /^(Abstract type|Runtime Object type|Expected `|Expected a value).*/s;

/** A result to compare. Where an error has taken its surroundings along, which of several errors there it was is a matter of time: then only where it ended is. */
function shown({ data, errors = [] }: ExecutionResult): unknown {
  const told = errors.map(({ message, path = [], locations }) => {
    const ended = path.length - depthOf(data, path);
    return ended > 0
      ? path.slice(0, depthOf(data, path)).join('.')
      : JSON.stringify([message.replace(SERVER_FAULT, 'a fault'), path, locations]);
  });
  return { text: JSON.stringify(data), told: [...new Set(told)].sort() };
}

/** How far a path leads into the data before there is nothing. */
function depthOf(data: unknown, path: readonly (string | number)[]): number {
  let at = data;
  for (const [depth, key] of path.entries()) {
    if (at === null || at === undefined) return depth;
    at = Reflect.get(Object(at), key);
  }
  return path.length;
}

describe('what is executed from a plan', () => {
  const schema = madeUp();
  const planned = createExecutor(schema);

  // What is made up leaves rejections that nobody gets to see, and graphql-js some more.
  const usual = process.listeners('unhandledRejection');
  beforeAll(() => {
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', () => {});
  });
  afterAll(async () => {
    // They are told of when the turn is over.
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners('unhandledRejection');
    for (const listener of usual) process.on('unhandledRejection', listener);
  });

  it(`comes to what graphql-js makes of it: ${RUNS} made-up operations`, async () => {
    let withErrors = 0;
    let valid = 0;
    for (let seed = 0; seed < RUNS; seed += 1) {
      const writer = new Writer(createRandom(seed));
      const text = writer.operation(schema, seed % 4 === 0 ? 'mutation' : 'query');
      const document = parse(text);
      if (validate(schema, document).length > 0) continue;
      valid += 1;
      const args = { schema, document, variableValues: writer.variables, rootValue: { seed }, contextValue: {} };
      const [expected, found] = [await execute(args), await planned.execute(args)];
      if (expected.errors) withErrors += 1;
      expect(shown(found), `${seed}: ${text}`).toEqual(shown(expected));
    }
    // Else the documents are no good.
    expect(valid).toBeGreaterThan(RUNS / 2);
    expect(withErrors).toBeGreaterThan(RUNS / 5);
  }, 60_000);
});

describe('variables coerced from what the types ask', () => {
  const schema = buildSchema(`
    type Query { a: Int }
    enum Colour { RED GREEN }
    input Deep { id: ID! colour: Colour = RED size: Int deep: Deep deeps: [Deep!] names: [[String]!] flag: Boolean! = true }
    input One @oneOf { a: Int b: Int }
  `);
  const types = [
    'ID',
    'ID!',
    'Int!',
    'Float',
    'String',
    'Boolean!',
    'Colour',
    '[Int!]',
    '[[String]!]!',
    'Deep',
    'Deep!',
    '[Deep]',
    'One',
  ];
  const ODD = [
    null,
    0,
    1.5,
    'RED',
    'text',
    true,
    [],
    [null],
    {},
    { id: 1 },
    { id: 'x', extra: 1 },
    JSON.parse('{"__proto__":1}'),
  ];

  function valueFor(random: Random, type: string, depth = 3): unknown {
    if (random.chance(0.08)) return random.pick(ODD);
    if (!type.endsWith('!') && random.chance(0.2)) return random.chance(0.5) ? null : undefined;
    const bare = type.replace(/!$/, '');
    if (bare.startsWith('['))
      return Array.from({ length: random.below(3) }, () => valueFor(random, bare.slice(1, -1), depth - 1));
    if (bare === 'Deep') {
      const deeper =
        depth > 0 ? { deep: valueFor(random, 'Deep', depth - 1), deeps: valueFor(random, '[Deep!]', depth - 1) } : {};
      return {
        id: valueFor(random, 'ID!'),
        size: valueFor(random, 'Int'),
        ...deeper,
        flag: random.chance(0.5),
        colour: valueFor(random, 'Colour'),
      };
    }
    if (bare === 'One') return { a: 1 };
    if (bare === 'Int') return random.below(100);
    if (bare === 'Boolean') return random.chance(0.5);
    return bare === 'Colour' ? random.pick(['RED', 'GREEN']) : 'text';
  }

  it('are what graphql-js makes of them, or left to it', () => {
    let told = 0;
    let refused = 0;
    for (let seed = 0; seed < 5000; seed += 1) {
      const random = createRandom(seed);
      const asked = Array.from({ length: 1 + random.below(3) }, () => random.pick(types));
      const declared = asked.map((type, index) => `$v${index}: ${type}${random.chance(0.02) && type === 'Int!' ? ' = 1' : ''}`);
      const operation = getOperationAST(parse(`query (${declared.join(' ')}) { a }`));
      if (!operation) throw new Error('no operation');
      const given = Object.fromEntries(
        asked.flatMap((type, index) => (random.chance(0.1) ? [] : [[`v${index}`, valueFor(random, type)]])),
      );
      const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
      const made = coercionOf(schema, operation)?.(given) ?? null;
      if (coerced === undefined) refused += 1;
      if (made !== null) {
        told += 1;
        expect({ ...made }, JSON.stringify([asked, given])).toEqual(coerced);
        expect(Object.keys(made)).toEqual(Object.keys(coerced ?? {}));
      }
    }
    // Else it is of no use, or was not tried.
    expect(told).toBeGreaterThan(1000);
    expect(refused).toBeGreaterThan(500);
  });
});

describe('an operation executed from a plan', () => {
  const schema = buildSchema(
    'type Query { list: [Int!] thing: Thing then: String } type Thing { a: Int! b: Int! thing: Thing then: String }',
  );
  const run = (text: string, rootValue: object) => createExecutor(schema).execute({ schema, document: parse(text), rootValue });
  const failing = () => Promise.reject(new Error('later'));

  it('leaves no rejection behind where a neighbour has failed already', async () => {
    // Vitest fails where one is left.
    expect(await run('{ list }', { list: () => [failing(), null, failing()] })).toMatchObject({ data: { list: null } });
    expect(await run('{ thing { a b } }', { thing: { a: failing, b: null } })).toMatchObject({ data: { thing: null } });
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('is answered at once where nothing waits', () => {
    expect(run('{ list thing { a } }', { list: [1], thing: { a: 2 } })).toEqual({ data: { list: [1], thing: { a: 2 } } });
  });

  it('takes the names that objects and promises have of themselves for names like any other', async () => {
    const text = '{ __proto__: list constructor: list toJSON: list then: list thing { then hasOwnProperty: a toString: b } }';
    const result = await run(text, {
      list: [1],
      thing: Object.fromEntries([
        ['a', 1],
        ['b', 2],
        ['then', 'then'],
      ]),
    });
    expect(JSON.stringify(result)).toBe(
      '{"data":{"__proto__":[1],"constructor":[1],"toJSON":[1],"then":[1],"thing":{"then":"then","hasOwnProperty":1,"toString":2}}}',
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('stays in bounds where fragments multiply', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `fragment F${i} on Thing { x${i}: thing { ...F${i + 1} } y${i}: thing { ...F${i + 1} } }`,
    );
    const thing: Record<string, unknown> = { a: 1, b: 2 };
    thing.thing = thing;
    const text = `{ thing { ...F0 } } ${levels.join(' ')} fragment F12 on Thing { a }`;
    const { data } = await run(text, { thing });
    expect(JSON.stringify(data).match(/"a":1/g)).toHaveLength(2 ** 12);
  });

  it('asks for what the variables say, anew each time', async () => {
    const text = 'query ($a: Boolean!) { list @skip(if: $a) thing @include(if: $a) { a } }';
    const { execute: both } = createExecutor(schema);
    const document = parse(text);
    const rootValue = { list: [1], thing: { a: 1 } };
    for (let round = 0; round < 2; round += 1) {
      expect(await both({ schema, document, rootValue, variableValues: { a: true } })).toEqual({ data: { thing: { a: 1 } } });
      expect(await both({ schema, document, rootValue, variableValues: { a: false } })).toEqual({ data: { list: [1] } });
    }
    const { errors } = await both({ schema, document, rootValue, variableValues: {} });
    expect(errors?.[0]?.message).toBe('Variable "$a" of required type "Boolean!" was not provided.');
  });

  it('leaves to graphql-js what has many conditions, or one that is neither', async () => {
    const { execute: both } = createExecutor(schema);
    const rootValue = { list: [1], thing: { a: 1, b: 2 } };
    const names = ['a', 'b', 'c', 'd', 'e'];
    const asked = names.map((name) => `${name}: list @include(if: $${name})`);
    const many = `query (${names.map((name) => `$${name}: Boolean!`)}) { ${asked} }`;
    const values = Object.fromEntries(names.map((name, index) => [name, index % 2 === 0]));
    expect(await both({ schema, document: parse(many), rootValue, variableValues: values })).toEqual({
      data: { a: [1], c: [1], e: [1] },
    });
    const neither = parse('query ($a: Boolean = true) { list @include(if: $a) }');
    expect(await both({ schema, document: neither, rootValue, variableValues: {} })).toEqual({ data: { list: [1] } });
    const { errors } = await both({ schema, document: neither, rootValue, variableValues: { a: null } });
    expect(errors?.[0]?.message).toMatch(/must not be null/);
  });
});
