import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import type { MemberRole, RoomKind } from '../../src/domain/room.ts';
import {
  mayRead,
  type Place,
  requireAdder,
  requireDeleter,
  requireJoiner,
  requireLeaver,
  requireMember,
  requireReader,
  requireRemover,
  requireRoleGiver,
  requireUpdater,
} from '../../src/services/policy.ts';

const KINDS: readonly RoomKind[] = ['PUBLIC', 'PRIVATE', 'DIRECT'];
const ROLES: readonly (MemberRole | null)[] = ['OWNER', 'MODERATOR', 'MEMBER', null];
const PLACES: readonly Place[] = KINDS.flatMap((kind) => ROLES.map((role) => ({ kind, role })));

const member = (role: MemberRole | null) => ({ role, self: false });

/**
 * Who may do what: for each kind of room the verdicts for OWNER, MODERATOR, MEMBER and one who is no member. `+` yes; `F` FORBIDDEN, `N`
 * NOT_FOUND, `B` BAD_USER_INPUT.
 */
const TABLE: Record<string, { readonly verdicts: string; ask(place: Place | null): unknown }> = {
  'read it': { verdicts: '++++ +++N +++N', ask: requireReader },
  'join it': { verdicts: '++++ +++N +++N', ask: requireJoiner },
  'write, subscribe, mark read': { verdicts: '+++F +++N +++N', ask: requireMember },
  'leave it': { verdicts: '+++F +++N FFFN', ask: requireLeaver },
  'add someone': { verdicts: '+++F +++N FFFN', ask: requireAdder },
  'change name or topic': { verdicts: '++FF ++FN FFFN', ask: requireUpdater },
  'remove a plain member': { verdicts: '++FF ++FN FFFN', ask: (place) => requireRemover(place, member('MEMBER')) },
  'remove a moderator': { verdicts: '+FFF +FFN FFFN', ask: (place) => requireRemover(place, member('MODERATOR')) },
  'remove an owner': { verdicts: '+FFF +FFN FFFN', ask: (place) => requireRemover(place, member('OWNER')) },
  'remove one who is no member': { verdicts: 'NNFF NNFN FFFN', ask: (place) => requireRemover(place, member(null)) },
  'remove oneself': {
    verdicts: 'BBBF BBBN FFFN',
    ask: (place) => requireRemover(place, { role: place?.role ?? null, self: true }),
  },
  'give a member a role': { verdicts: '+FFF +FFN FFFN', ask: (place) => requireRoleGiver(place, 'MEMBER') },
  'give an owner a role': { verdicts: '+FFF +FFN FFFN', ask: (place) => requireRoleGiver(place, 'OWNER') },
  'give a role to one who is no member': { verdicts: 'NFFF NFFN FFFN', ask: (place) => requireRoleGiver(place, null) },
  'delete their own message': { verdicts: '+++F +++N +++N', ask: (place) => requireDeleter(place, true) },
  "delete another's message": { verdicts: '++FF ++FN ++FN', ask: (place) => requireDeleter(place, false) },
};

const LETTERS: Record<string, string> = { FORBIDDEN: 'F', NOT_FOUND: 'N', BAD_USER_INPUT: 'B' };

function verdict(ask: () => unknown): string {
  try {
    ask();
    return '+';
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return LETTERS[error.code] ?? error.code;
  }
}

describe('who may', () => {
  it.each(Object.entries(TABLE))('%s', (_what, { verdicts, ask }) => {
    const judged = PLACES.map((place) => verdict(() => ask(place))).join('');
    expect(judged).toBe(verdicts.replaceAll(' ', ''));
  });

  it.each(Object.entries(TABLE))('%s where there is no room: as in a private room of others', (_what, { ask }) => {
    const told = (place: Place | null) => {
      try {
        ask(place);
        return null;
      } catch (error) {
        return error instanceof DomainError ? { code: error.code, message: error.message, field: error.field } : error;
      }
    };
    expect(told(null)).toEqual(told({ kind: 'PRIVATE', role: null }));
    expect(told(null)).toEqual(told({ kind: 'DIRECT', role: null }));
    expect(told(null)).toMatchObject({ code: 'NOT_FOUND', message: 'There is no such room.' });
  });

  it('read: the question agrees with the demand', () => {
    for (const place of PLACES) expect(mayRead(place)).toBe(verdict(() => requireReader(place)) === '+');
  });

  it('returns the roles a deed rests on', () => {
    const place: Place = { kind: 'PRIVATE', role: 'OWNER' };
    expect(requireAdder(place)).toBe('OWNER');
    expect(requireUpdater(place)).toBe('OWNER');
    expect(requireRemover(place, member('MODERATOR'))).toEqual({ role: 'OWNER', targetRole: 'MODERATOR' });
    expect(requireRoleGiver(place, 'MEMBER')).toEqual({ role: 'OWNER', targetRole: 'MEMBER' });
    expect(requireDeleter(place, false)).toBe('OWNER');
    expect(requireDeleter(place, true)).toBeNull();
  });
});
