import { GraphQLError, locatedError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { badInput, DomainError, StaleGuardError, unavailable } from '../../src/domain/errors.ts';
import { createMaskError } from '../../src/resolvers/errors.ts';

function masking(development = false) {
  const lines: { level: string; facts: Readonly<Record<string, unknown>>; message: string }[] = [];
  const write = (level: string) => (facts: Readonly<Record<string, unknown>>, message: string) => {
    lines.push({ level, facts, message });
  };
  const mask = createMaskError({ development, log: { warn: write('warn'), error: write('error') } });
  const shown = (thrown: unknown) => mask(locatedError(thrown, undefined, ['room', 'name'])).toJSON();
  return { mask, shown, lines };
}

describe('what a client sees of an error', () => {
  it('shows what was meant for it, with what it needs to act', () => {
    const { shown, lines } = masking();
    const path = ['room', 'name'];
    expect(shown(badInput('input.body', 'Too long.'))).toEqual({
      message: 'Too long.',
      path,
      extensions: { code: 'BAD_USER_INPUT', field: 'input.body' },
    });
    expect(shown(new DomainError('RATE_LIMITED', 'Slow down.', { retryAfterMs: 5 }))).toEqual({
      message: 'Slow down.',
      path,
      extensions: { code: 'RATE_LIMITED', retryAfterMs: 5 },
    });
    expect(lines).toEqual([]);
  });

  it('finds it under whatever GraphQL wrapped around it', () => {
    const { mask } = masking();
    const inner = new GraphQLError('Failed.', {
      originalError: new GraphQLError('x', { originalError: new DomainError('FORBIDDEN', 'No.') }),
    });
    expect(mask(inner)).toMatchObject({ message: 'No.', extensions: { code: 'FORBIDDEN' } });
  });

  it('keeps what lies behind for the log', () => {
    const { shown, lines } = masking();
    const cause = new Error('connect ECONNREFUSED 10.0.0.7:6379');
    expect(JSON.stringify(shown(unavailable(cause)))).not.toContain('10.0.0.7');
    expect(lines).toEqual([{ level: 'warn', facts: { err: cause, code: 'UNAVAILABLE' }, message: 'operation failed' }]);
  });

  it.each([
    new TypeError("Cannot read properties of undefined (reading 'secret') at /home/parley/src/x.ts"),
    new StaleGuardError(),
    new GraphQLError('Enum "MemberRole" cannot represent value: "secret"'),
    new GraphQLError('x', { extensions: { code: 'MADE_UP', secret: 'secret' } }),
    'secret text',
    { secret: 'secret' },
  ])('S13: masks anything else and names the line in the log: %s', (thrown) => {
    const { shown, lines } = masking();
    const answer = shown(thrown);
    expect(answer).toEqual({
      message: 'Something went wrong on the server.',
      path: ['room', 'name'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(lines).toEqual([
      expect.objectContaining({ level: 'error', facts: expect.objectContaining({ id: answer.extensions?.id }) }),
    ]);
  });

  it('shows the original in development', () => {
    expect(masking(true).shown(new TypeError('x is not a function'))).toMatchObject({
      message: 'x is not a function',
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  });

  it('takes an argument that cannot be used as the client’s fault', () => {
    expect(masking().shown(new GraphQLError('Argument "id" of non-null type "ID!" must not be null.'))).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', field: 'id' },
    });
  });
});
