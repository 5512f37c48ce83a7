import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  type OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { Budget } from './budget.ts';
import { type CostOf, priceOf, type Variables } from './document-cost.ts';
import { type DocumentLimits, overLimit } from './document-limits.ts';
import { createLru } from './lru.ts';
import { asBadInput, refusal } from './refusal.ts';

/** What a client asks for. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Variables | null | undefined;
}

/** An operation that may run. */
export interface Prepared {
  readonly document: DocumentNode;
  readonly kind: OperationTypeNode;
  readonly operationName: string | null;
  readonly variables: Variables;
}

/** One that may not, and why. */
export interface Refused {
  readonly errors: readonly GraphQLError[];
}

/** Turns texts into operations that may run; what one text comes to is remembered for all connections. */
export interface Documents {
  /**
   * Parses, holds to the limits and validates; then prices the operation with its variables. What a new document costs to read is charged to the
   * address it came from. Never throws.
   */
  prepare(request: OperationRequest, address: string): Prepared | Refused;
  /** Whether errors may not suggest names. */
  readonly hideSuggestions: boolean;
}

/** See config.document. */
export interface DocumentOptions extends DocumentLimits {
  readonly tokens: number;
  readonly cost: number;
  /** Documents remembered. */
  readonly cached: number;
  /** Whether introspection is answered and errors suggest names. */
  readonly explorer: boolean;
}

// A parsed document takes some 170 bytes a character: this bounds the memory at about 40 kB for each that may be remembered.
const USUAL_LENGTH = 250;

interface Valid {
  readonly document: DocumentNode;
  /** By operation name; '' for the only one. */
  readonly prices: Map<string, CostOf>;
}

/** The documents of one schema. */
export function createDocuments(schema: GraphQLSchema, options: DocumentOptions, budget: Budget): Documents {
  const rules = options.explorer ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const hideSuggestions = !options.explorer;
  const known = createLru<Valid>({ count: options.cached, weight: options.cached * USUAL_LENGTH });

  function read(query: string, address: string): Valid | Refused {
    const before = known.get(query);
    if (before !== undefined) return before;
    const wait = budget.wait(address);
    if (wait > 0) return { errors: [tooManyNew(wait)] };
    const start = process.cpuUsage();
    try {
      return readNew(query);
    } finally {
      const { user, system } = process.cpuUsage(start);
      budget.spend(address, (user + system) / 1000);
    }
  }

  function readNew(query: string): Valid | Refused {
    const document = parsed(query, options.tokens);
    if (document instanceof GraphQLError) return { errors: [document] };
    const over = overLimit(document, options);
    if (over !== null) return { errors: [over] };
    const faults = validate(schema, document, rules, { maxErrors: 20, hideSuggestions });
    if (faults.length > 0) return { errors: faults.map((fault) => asBadInput('query', fault)) };
    const valid = { document, prices: new Map<string, CostOf>() };
    known.set(query, valid, query.length);
    return valid;
  }

  return {
    hideSuggestions,
    prepare({ query, operationName, variables }, address) {
      const valid = read(query, address);
      if ('errors' in valid) return valid;
      const operation = getOperationAST(valid.document, operationName);
      if (!operation) return { errors: [unknownOperation(operationName)] };
      const name = operation.name?.value ?? '';
      const price = valid.prices.get(name) ?? priceOf(schema, valid.document, operation);
      valid.prices.set(name, price);
      const cost = price(variables ?? {});
      if (!(cost <= options.cost)) return { errors: [tooDear(cost, options.cost)] };
      return {
        document: valid.document,
        kind: operation.operation,
        operationName: operationName ?? null,
        variables: variables ?? {},
      };
    },
  };
}

function parsed(query: string, maxTokens: number): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const tooMany = error.message.includes('Parsing aborted');
    if (tooMany) return refusal('TOO_LARGE', `The document has more than ${maxTokens} tokens.`, { field: 'query' });
    return asBadInput('query', error);
  }
}

const unknownOperation = (name: string | null | undefined): GraphQLError =>
  refusal('BAD_USER_INPUT', name ? 'The document has no operation of that name.' : 'Say which of the operations to run.', {
    field: 'operationName',
  });

const tooManyNew = (retryAfterMs: number): GraphQLError =>
  refusal('RATE_LIMITED', 'Too many new documents came from this address. Send values as variables, not in the text.', {
    retryAfterMs,
  });

const tooDear = (cost: number, allowed: number): GraphQLError =>
  refusal(
    'TOO_LARGE',
    `The operation costs up to ${cost}; at most ${allowed} is allowed. Ask for smaller pages or fewer fields.`,
    {
      field: 'query',
    },
  );
