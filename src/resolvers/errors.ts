import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { DomainError, ERROR_CODES } from '../domain/errors.ts';

/** What masking needs. */
export interface MaskOptions {
  /** Whether clients see the words of unexpected errors. */
  readonly development: boolean;
  readonly log: {
    warn(facts: Readonly<Record<string, unknown>>, message: string): void;
    error(facts: Readonly<Record<string, unknown>>, message: string): void;
  };
}

const CODES: ReadonlySet<unknown> = new Set(ERROR_CODES);
const ARGUMENT = /^Argument "(\w+)" /;

/**
 * What a client may see of an error raised while executing: its own words and code where it was meant for the client, else INTERNAL_SERVER_ERROR with an
 * id under which the log has the original. Place and path are kept.
 */
export function createMaskError({ development, log }: MaskOptions): (error: GraphQLError) => GraphQLError {
  return (error) => {
    const cause = rootOf(error);
    if (cause instanceof DomainError) {
      if (cause.cause !== undefined) log.warn({ err: cause.cause, code: cause.code }, 'operation failed');
      return shown(error, cause.message, detailsOf(cause));
    }
    if (cause instanceof GraphQLError) {
      if (CODES.has(cause.extensions.code)) return shown(error, cause.message, cause.extensions);
      const argument = ARGUMENT.exec(cause.message)?.[1];
      if (argument !== undefined) return shown(error, cause.message, { code: 'BAD_USER_INPUT', field: argument });
    }
    const id = randomUUID();
    log.error({ err: cause, id, path: error.path?.join('.') }, 'unexpected error');
    return shown(error, development && cause instanceof Error ? cause.message : 'Something went wrong on the server.', {
      code: 'INTERNAL_SERVER_ERROR',
      id,
    });
  };
}

/** The error that was thrown, under whatever GraphQL put around it. */
function rootOf(error: GraphQLError): unknown {
  let root: unknown = error;
  while (root instanceof GraphQLError && root.originalError !== undefined) root = root.originalError;
  return root;
}

const detailsOf = ({ code, field, retryAfterMs }: DomainError): Record<string, unknown> => ({
  code,
  ...(field === undefined ? {} : { field }),
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

const shown = (at: GraphQLError, message: string, extensions: Readonly<Record<string, unknown>>): GraphQLError =>
  new GraphQLError(message, {
    ...(at.nodes && { nodes: at.nodes }),
    ...(at.source && { source: at.source }),
    ...(at.positions && { positions: at.positions }),
    ...(at.path && { path: at.path }),
    extensions,
  });
