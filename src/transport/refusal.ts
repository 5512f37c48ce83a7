import { GraphQLError } from 'graphql';
import type { ErrorCode } from '../domain/errors.ts';

/** An error of the transport's own, in the form that all API errors have. */
export const refusal = (
  code: ErrorCode,
  message: string,
  details: { readonly field?: string; readonly retryAfterMs?: number } = {},
): GraphQLError => new GraphQLError(message, { extensions: { code, ...details } });

/** The same error as bad input in that field: what parsing, validation and coercion find. Place and path are kept. */
export const asBadInput = (field: string, error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes && { nodes: error.nodes }),
    ...(error.source && { source: error.source }),
    ...(error.positions && { positions: error.positions }),
    ...(error.path && { path: error.path }),
    extensions: { code: 'BAD_USER_INPUT', field },
  });
