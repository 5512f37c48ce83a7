import type { DirectoryName } from '../../ports/directory.ts';
import type { Rate } from '../../ports/rate-limits.ts';
import type { Sessions } from '../../ports/sessions.ts';
import { readAnswer } from './answers.ts';
import { directoryKeys, presenceKey, rateKey, sessionKey, userKeys } from './keys.ts';
import type { Link } from './link.ts';
import { asList } from './reply.ts';
import { prepareScript, type RunScript } from './script-runner.ts';

/** The scripts that work on one user, on limits and on directories, one function each. `writer` changes, `reader` reads. */
export function createUserScripts(writer: Link, reader: Link, sharded: boolean) {
  const prepare = (name: string): RunScript => prepareScript(name, sharded);
  const createUser = prepare('create-user');
  const setPasswordHash = prepare('set-password-hash');
  const createSession = prepare('create-session');
  const revokeSession = prepare('revoke-session');
  const findSession = prepare('find-session');
  const liveSessions = prepare('live-sessions');
  const expectRoom = prepare('expect-room');
  const settleRoom = prepare('settle-room');
  const dropRooms = prepare('drop-rooms');
  const renewLease = prepare('renew-lease');
  const releaseLease = prepare('release-lease');
  const endLeases = prepare('end-leases');
  const readPresence = prepare('read-presence');
  const filePresence = prepare('file-presence');
  const claimPresence = prepare('claim-presence');
  const refilePresence = prepare('refile-presence');
  const takeRate = prepare('take-rate');
  const fileName = prepare('file-name');
  const listNames = prepare('list-names');

  const write = async (run: RunScript, keys: readonly string[], args: readonly (string | number)[]) =>
    readAnswer(await run(writer, keys, args));
  const read = async (run: RunScript, keys: readonly string[], args: readonly (string | number)[] = []) =>
    asList(await run(reader, keys, args));

  return {
    createUser: (id: string, fields: readonly string[]) => write(createUser, [userKeys(id).user], fields),

    setPasswordHash: (id: string, hash: string) => write(setPasswordHash, [userKeys(id).user], [hash]),

    createSession({ id, tokenHash, userId, ttlMs, limit }: Parameters<Sessions['create']>[0]) {
      const { sessions, version, channel, sessionPrefix } = userKeys(userId);
      const keys = [sessionKey(userId, tokenHash), sessions, version, channel];
      return write(createSession, keys, [sessionPrefix, id, tokenHash, ttlMs, limit]);
    },

    revokeSession(userId: string, tokenHash: string) {
      const { sessions, version, channel } = userKeys(userId);
      return write(revokeSession, [sessionKey(userId, tokenHash), sessions, version, channel], [tokenHash]);
    },

    findSession(userId: string, tokenHash: string, userFields: readonly string[]) {
      const { user, version } = userKeys(userId);
      return read(findSession, [sessionKey(userId, tokenHash), version, user], userFields);
    },

    liveSessions: (userId: string) => read(liveSessions, [userKeys(userId).sessions]),

    expectRoom: (userId: string, roomId: string, limit: number) => write(expectRoom, [userKeys(userId).rooms], [roomId, limit]),

    settleRoom(userId: string, roomId: string, joined: boolean) {
      const { rooms, version, channel } = userKeys(userId);
      return write(settleRoom, [rooms, version, channel], [roomId, joined ? 1 : 0]);
    },

    dropRooms: (userId: string, roomIds: readonly string[]) => write(dropRooms, [userKeys(userId).rooms], roomIds),

    renewLease(userId: string, holder: string, ttlMs: number) {
      const { leases, rooms } = userKeys(userId);
      return write(renewLease, [leases, rooms], [holder, ttlMs]);
    },

    releaseLease: (userId: string, holder: string, graceMs: number) =>
      write(releaseLease, [userKeys(userId).leases], [holder, graceMs]),

    endLeases(userId: string) {
      const { leases, rooms } = userKeys(userId);
      return write(endLeases, [leases, rooms], []);
    },

    readPresence: (userId: string) => read(readPresence, [userKeys(userId).leases]),

    filePresence: (userIds: readonly string[], aheadMs: number) => write(filePresence, [presenceKey], [aheadMs, ...userIds]),

    claimPresence: (limit: number, laterMs: number) => write(claimPresence, [presenceKey], [limit, laterMs]),

    refilePresence: (userId: string, filed: number | null, due: number) =>
      write(refilePresence, [presenceKey], [userId, filed ?? '', due]),

    async takeRate(name: string, { burst, perSecond }: Rate) {
      return asList(await takeRate(writer, [rateKey(name)], [burst, perSecond]));
    },

    fileName(directory: DirectoryName, id: string, entry: { name: string; sorted: string; forms: readonly string[] } | null) {
      const { names, words, entries } = directoryKeys(directory);
      const terms = entry ? [`=${entry.name}`, entry.sorted, ...entry.forms] : [''];
      return write(fileName, [names, words, entries], [id, ...terms]);
    },

    listNames(directory: DirectoryName, prefix: string, after: string, limit: number) {
      const { names, words, entries } = directoryKeys(directory);
      return read(listNames, [prefix === '' ? names : words, entries], [prefix, after, limit]);
    },
  };
}

/** The scripts that work on one user, on limits and on directories. */
export type UserScripts = ReturnType<typeof createUserScripts>;
