import SchemaBuilder from '@pothos/core';
import type { Context } from '../context.ts';

/** What the schema is built of: names, types and nullability that TypeScript knows too. Output never is null unless it says so. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: number; Output: number };
  };
}>({ defaultFieldNullability: false });

/**
 * What a field tells the transport. Without marks a field depends on who asks and, where it gives an object, counts as one read.
 *
 * - `shared`: the same for every member of the room, so one result can serve them all.
 * - `cost`: reads of the store that one value of it takes, at most.
 * - `page`: how many items it gives where the client does not say.
 */
export interface Marks {
  readonly shared?: true;
  readonly cost?: number;
  readonly page?: number;
}

/** The same for every member of the room, and told already. */
export const shared = { shared: true, cost: 0 } as const satisfies Marks;

/** The same for every member of the room, at the cost of one read. */
export const sharedRead = { shared: true, cost: 1 } as const satisfies Marks;

/** A page that is the same for every member of the room. */
export const sharedPage = { shared: true, cost: 1, page: 50 } as const satisfies Marks;

/** Depends on who asks, but is told already. */
export const personal = { cost: 0 } as const satisfies Marks;

/** Depends on who asks, at the cost of one read. */
export const personalRead = { cost: 1 } as const satisfies Marks;

/** A page that depends on who asks. */
export const personalPage = { cost: 2, page: 50 } as const satisfies Marks;

/** Something that is written. */
export const write = { cost: 10 } as const satisfies Marks;

/** Something that hashes a password. */
export const hashing = { cost: 100 } as const satisfies Marks;
