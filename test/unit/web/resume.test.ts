import { describe, expect, it } from 'vitest';
import { advance } from '../../../web/src/live/resume.ts';

describe('the variables of a subscription that resumes', () => {
  it('stand behind the last event with a cursor, and ask for no second snapshot', () => {
    const variables = { roomId: 'r', after: null, snapshot: true };
    advance(variables, { data: { roomEvents: { __typename: 'CaughtUp', cursor: 'e.7' } } });
    advance(variables, { data: { roomEvents: { __typename: 'TypingStarted', cursor: null } } });
    expect(variables).toEqual({ roomId: 'r', after: 'e.7', snapshot: false });
  });

  it('stay as they are where nothing has come yet', () => {
    const variables = { roomId: 'r', after: null, snapshot: true };
    advance(variables, { data: null });
    advance(variables, {});
    expect(variables).toEqual({ roomId: 'r', after: null, snapshot: true });
  });

  it('are left alone in documents that do not resume', () => {
    const variables = {};
    advance(variables, { data: { viewerEvents: { cursor: 'x' } } });
    expect(variables).toEqual({});
  });
});
