import { expect, it } from 'vitest';
import { newUserId } from '../../src/domain/ids.ts';
import type { Message } from '../../src/domain/message.ts';
import type { Appended, Timeline } from '../../src/ports/timeline.ts';
import { onEveryStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';
import { allEntries, atOnce, idempotency, JS_NAMES, listen, makeRoom, outcomes, send } from './fixtures.ts';

type Send = Parameters<Timeline['append']>[0];

onEveryStore('idempotency', (site) => {
  const append = (given: Partial<Send> & Pick<Send, 'roomId' | 'authorId'>, store = site.store): Promise<Appended> =>
    store.timeline.append({ body: 'once', mentions: [], replyTo: null, idempotency: idempotency(), keep: 0, ...given });
  const head = async (roomId: string) => (await site.other.timeline.heads([roomId]))[0]?.number;

  it('P4 makes one message of 50 sends with one key at once, on two processes, and gives it to all', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const room = await makeRoom(site.store, { members: [a, b] });
    const heard = await listen(site.other, room.id);
    const key = idempotency();
    const answers = await Promise.all(
      atOnce(site, 50, (store) => append({ roomId: room.id, authorId: a, mentions: [b], idempotency: key }, store)),
    );
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    for (const { message } of answers) expect(message).toEqual(answers[0]?.message);
    expect(answers[0]?.message).toMatchObject({ number: 3, idempotencyKey: key.key, mentions: [b] });
    expect(await allEntries(site.other, room.id)).toHaveLength(3);
    await send(site.store, room.id, b);
    await waitFor(() => heard.events.length >= 2, { what: 'the events' });
    expect(heard.events.map(({ position }) => position.number)).toEqual([3, 4]);
    await heard.end();
  });

  it('P4 gives the first message in its present state', async () => {
    const a = newUserId();
    const room = await makeRoom(site.store, { members: [a] });
    const key = idempotency();
    const { message } = await append({ roomId: room.id, authorId: a, idempotency: key });
    await site.store.timeline.edit({ ...message, actorId: a, body: 'edited', mentions: [] });
    const answer = await send(site.store, room.id, a, { replyTo: message });
    const again = await append({ roomId: room.id, authorId: a, idempotency: key }, site.other);
    expect(again).toMatchObject({ duplicate: true, message: { number: message.number, body: 'edited', replyCount: 1 } });
    await site.store.timeline.delete({ ...message, actorId: a, guard: [] });
    const deleted = await append({ roomId: room.id, authorId: a, idempotency: key });
    expect(deleted).toMatchObject({
      duplicate: true,
      message: { number: message.number, body: '', deletedAt: expect.any(Number) },
    });
    expect(await head(room.id)).toBe(answer.number + 1);
  });

  it('P4 gives CONFLICT to another payload, and nothing happens', async () => {
    const a = newUserId();
    const room = await makeRoom(site.store, { members: [a] });
    const key = idempotency(undefined, 'first1');
    await append({ roomId: room.id, authorId: a, idempotency: key });
    const { done, failed } = await outcomes(
      atOnce(site, 10, (store) =>
        append({ roomId: room.id, authorId: a, body: 'twice', idempotency: { ...key, digest: 'other2' } }, store),
      ),
    );
    expect(done).toEqual([]);
    for (const error of failed) expect(error).toMatchObject({ name: 'DomainError', code: 'CONFLICT' });
    expect(await head(room.id)).toBe(2);
  });

  it('P4 S4 answers the retry of a completed send after a kick, and lets nothing new in', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const room = await makeRoom(site.store, { kind: 'PRIVATE', members: [a, b] });
    const key = idempotency();
    const { message } = await append({ roomId: room.id, authorId: b, idempotency: key });
    await site.store.memberships.leave({ roomId: room.id, userId: b, body: 'was removed', heirBody: '', guard: [], keep: 0 });
    expect(await append({ roomId: room.id, authorId: b, idempotency: key }, site.other)).toEqual({ message, duplicate: true });
    await expect(append({ roomId: room.id, authorId: b })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(append({ roomId: room.id, authorId: b, idempotency: { ...key, digest: 'other1' } })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(await head(room.id)).toBe(4);
  });

  it('P4 gives the message as it was sent where history no longer keeps it', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const room = await makeRoom(site.store, { members: [a, b] });
    const asked = await send(site.store, room.id, a);
    const key = idempotency();
    const given = {
      roomId: room.id,
      authorId: a,
      body: 'gone',
      mentions: [b],
      replyTo: { number: asked.number, at: asked.at },
      idempotency: key,
    };
    const { message } = await append(given);
    for (let count = 0; count < 3; count += 1) await send(site.store, room.id, a, { keep: 3 });
    expect((await allEntries(site.store, room.id)).map(({ number }) => number)).not.toContain(message.number);
    const again = await append(given, site.other);
    expect(again).toEqual({ message, duplicate: true });
    expect(message).toMatchObject({ body: 'gone', replyTo: asked.number, mentions: [b], ordinal: 2 });
  });

  it('P4 counts a key in its own room only', async () => {
    const a = newUserId();
    const [one, two] = [await makeRoom(site.store, { members: [a] }), await makeRoom(site.store, { members: [a] })];
    const key = idempotency();
    const answers: Message[] = [];
    for (const { id } of [one, two]) {
      const { message, duplicate } = await append({ roomId: id, authorId: a, idempotency: key });
      expect(duplicate).toBe(false);
      answers.push(message);
    }
    expect(answers.map(({ roomId }) => roomId)).toEqual([one.id, two.id]);
  });

  it('P4 does not use up a key with a send that failed', async () => {
    const [a, b] = [newUserId(), newUserId()];
    const room = await makeRoom(site.store, { members: [a] });
    const key = idempotency();
    await expect(append({ roomId: room.id, authorId: b, idempotency: key })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(
      append({ roomId: room.id, authorId: a, replyTo: { number: 77, at: 1 }, idempotency: key }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await site.store.memberships.join({ roomId: room.id, userId: b, role: 'MEMBER', body: 'joined', guard: [], keep: 0 });
    expect(await append({ roomId: room.id, authorId: b, idempotency: key })).toMatchObject({
      duplicate: false,
      message: { number: 3 },
    });
  });

  it('S22 takes the names that objects have of themselves for keys like any other', async () => {
    const a = newUserId();
    const room = await makeRoom(site.store, { members: [a] });
    for (const name of JS_NAMES) {
      const key = { ...idempotency(name.padEnd(11, '_')), key: name };
      const first = await append({ roomId: room.id, authorId: a, idempotency: key });
      expect(first).toMatchObject({ duplicate: false, message: { idempotencyKey: name } });
      expect(await append({ roomId: room.id, authorId: a, idempotency: key })).toEqual({ ...first, duplicate: true });
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
