import { createHash } from 'node:crypto';
import slotOf from 'cluster-key-slot';
import fc from 'fast-check';
import type { Command } from 'ioredis';
import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/store/redis/clients.ts';
import type { Link } from '../../src/store/redis/link.ts';
import { scriptText } from '../../src/store/redis/script-runner.ts';
import { createScripts } from '../../src/store/redis/scripts.ts';

const APPEND = createHash('sha1').update(scriptText('append-message', true)).digest('hex');

interface Call {
  readonly sha: string;
  readonly keys: readonly string[];
  readonly args: readonly unknown[];
}

/** Scripts whose calls are written down instead of run. */
function recorded(): { calls: Call[]; scripts: ReturnType<typeof createScripts> } {
  const calls: Call[] = [];
  const link = linkTo(({ args: [sha, count, ...rest], resolve }) => {
    const given = rest.map(String);
    calls.push({ sha: String(sha), keys: given.slice(0, Number(count)), args: given.slice(Number(count)) });
    // Of messages, the answer to each.
    resolve(sha === APPEND ? ['OK 1 1 1'] : ['OK']);
  });
  return { calls, scripts: createScripts(link, link, true) };
}

/** A link whose commands are answered here. */
function linkTo(answer: (command: Command) => void): Link {
  const client = { sendCommand: answer } as unknown as Client;
  const run: Link['run'] = (send, again) => send(client).catch((error: Error) => again?.(client, error) ?? Promise.reject(error));
  return { run, atTurnEnd: (call) => void setImmediate(call) } as Link;
}

async function callAll(scripts: ReturnType<typeof createScripts>, text: string): Promise<void> {
  const ref = { roomId: text, number: 7, at: 9 };
  const guard = [{ userId: text, role: null }];
  const [roomId, userId, body, keep] = [text, text, text, 5];
  await scripts.createRoom({
    id: text,
    kind: 'PUBLIC',
    name: text,
    topic: text,
    members: [{ userId, role: 'OWNER', joined: text }],
  });
  await scripts.updateRoom({ roomId, actorId: text, guard, name: text, topic: text, body, keep });
  await scripts.joinRoom({ roomId, userId, role: 'MEMBER', body, guard, keep });
  await scripts.leaveRoom({ roomId, userId, body, heirBody: text, guard, keep });
  await scripts.setRole({ roomId, userId, role: 'OWNER', body, guard, keep });
  await scripts.markRead({ ...ref, userId });
  await scripts.typing({ roomId, userId, ttlMs: 5 });
  await scripts.standing(roomId, [text]);
  await scripts.readMemberships(roomId, [text]);
  await scripts.listMembers(roomId, 0, 5);
  const idempotency = { key: text, field: text, digest: text };
  await scripts.appendMessage({ roomId, authorId: text, body, mentions: [text], replyTo: ref, idempotency, keep });
  await scripts.editMessage({ ...ref, actorId: text, body, mentions: [text] });
  await scripts.deleteMessage({ ...ref, actorId: text, guard });
  await scripts.react({ ...ref, actorId: text, emoji: text, present: true, maxEmojis: 5 });
  await scripts.replies(roomId, 7, 0, 5);
  await scripts.replay(roomId, 7, 5);
  await scripts.createUser(userId, [text, text]);
  await scripts.setPasswordHash(userId, text);
  await scripts.createSession({ id: text, tokenHash: text, userId, ttlMs: 5, limit: 5 });
  await scripts.revokeSession(userId, text);
  await scripts.findSession(userId, text, [text]);
  await scripts.liveSessions(userId);
  await scripts.expectRoom(userId, roomId, 5);
  await scripts.settleRoom(userId, roomId, true);
  await scripts.dropRooms(userId, [roomId]);
  await scripts.renewLease(userId, text, 5);
  await scripts.releaseLease(userId, text, 5);
  await scripts.endLeases(userId);
  await scripts.readPresence(userId);
  await scripts.filePresence([userId], 5);
  await scripts.claimPresence(5, 5);
  await scripts.refilePresence(userId, null, 5);
  await scripts.takeRate(text, { burst: 1, perSecond: 1 });
  await scripts.fileName('users', text, { name: text, sorted: text, forms: [text] });
  await scripts.listNames('rooms', text, text, 5);
}

describe('the scripts', () => {
  it('S23 S24 run in one slot each, and no text becomes code or changes the number of keys', async () => {
    const usual = recorded();
    await callAll(usual.scripts, 'r0');
    expect(usual.calls).toHaveLength(Object.keys(usual.scripts).length);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const { calls, scripts } = recorded();
        await callAll(scripts, text);
        expect(calls.map(({ sha, keys }) => [sha, keys.length])).toEqual(usual.calls.map(({ sha, keys }) => [sha, keys.length]));
        for (const { keys } of calls) expect(new Set(keys.map((key) => slotOf(key))).size).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('F23 sends the whole script where the server does not know it, once', async () => {
    const sent: string[] = [];
    const link = linkTo(({ name, args: [script], resolve, reject }) => {
      sent.push(`${name} ${String(script).split('\n')[0]}`);
      if (name === 'evalsha') reject(new Error('NOSCRIPT No matching script.'));
      else resolve([]);
    });
    await createScripts(link, link, false).standing('r0', []);
    expect(sent).toEqual([expect.stringMatching(/^evalsha [0-9a-f]{40}$/), 'eval #!lua flags=no-writes']);
  });

  it('turns every other failure into no second execution', async () => {
    let tried = 0;
    const link = linkTo(({ reject }) => {
      tried += 1;
      reject(new Error('Connection is closed.'));
    });
    await expect(createScripts(link, link, false).standing('r0', [])).rejects.toThrow('closed');
    expect(tried).toBe(1);
  });
});
