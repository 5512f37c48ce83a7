import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

function parse(value: unknown): number {
  const ms = typeof value === 'string' && RFC3339.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw new GraphQLError('Must be an RFC 3339 time such as 2026-11-21T20:55:03.120Z.');
  return ms;
}

// Of a message it is written for the sender and again for the readers, and to write one is dear.
let lastMs = Number.NaN;
let lastText = '';

function write(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}

builder.scalarType('DateTime', {
  description:
    'An instant, RFC 3339 in UTC with milliseconds, e.g. `2026-11-21T20:55:03.120Z`. Always by the clock of the store, never of a client.',
  serialize: write,
  parseValue: parse,
});
