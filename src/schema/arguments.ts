import { builder } from './builder.ts';

/** `first` and `after`, for lists that are read forward. */
export const forwardArgs = builder.args((t) => ({
  first: t.int({
    description:
      'How many items to return: 1 to 100 unless the server is set otherwise; 50 where not given. Out of range: BAD_USER_INPUT.',
  }),
  after: t.string({ description: 'Return what lies behind this cursor of the same list. Unreadable: BAD_USER_INPUT.' }),
}));

/** `last` and `before`, besides, for lists that are read either way. */
export const backwardArgs = builder.args((t) => ({
  last: t.int({
    description:
      'How many items to return from the end of the span: 1 to 100 unless the server is set otherwise. Not together with `first`: BAD_USER_INPUT.',
  }),
  before: t.string({ description: 'Return what lies before this cursor of the same list. Unreadable: BAD_USER_INPUT.' }),
}));

/** What to find by name. */
export const searchArgs = builder.args((t) => ({
  search: t.string({
    description:
      'Only those with a word that starts so, without regard to case or width; at most 100 Unicode code points. Absent or empty: all.',
  }),
}));
