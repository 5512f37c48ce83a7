import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { newRoomId, newUserId } from '../../src/domain/ids.ts';
import { byCodePoints, searchForms, sortForm } from '../../src/domain/text.ts';
import type { DirectoryName } from '../../src/ports/directory.ts';
import { onEveryStore } from '../support/stores.ts';
import { hostileLine, JS_NAMES } from './fixtures.ts';

interface Filed {
  readonly id: string;
  readonly name: string;
  readonly alsoKnownAs?: string;
}

/** What the port promises, word for word: the entries in order. */
function expected(entries: readonly Filed[], search: string): string[] {
  const prefix = sortForm(search);
  return entries
    .flatMap(({ id, name, alsoKnownAs }) => {
      const form = prefix === '' ? sortForm(name) : searchForms(name, alsoKnownAs).find((each) => each.startsWith(prefix));
      return form === undefined ? [] : [{ id, form }];
    })
    .sort((a, b) => byCodePoints(a.form, b.form) || byCodePoints(a.id, b.id))
    .map(({ id }) => id);
}

onEveryStore('directory', (site) => {
  const filed: [DirectoryName, string][] = [];

  async function put(directory: DirectoryName, entry: Filed): Promise<void> {
    filed.push([directory, entry.id]);
    await site.store.directory.put(directory, entry);
  }

  async function list(directory: DirectoryName, search: string | null, limit = 100): Promise<string[]> {
    const ids: string[] = [];
    let after: string | null = null;
    for (;;) {
      const page = await site.other.directory.list(directory, { search, after, limit });
      expect(page.entries.length).toBeLessThanOrEqual(limit);
      ids.push(...page.entries.map(({ id }) => id));
      if (!page.hasMore) return ids;
      // A cursor that leads nowhere would go on for ever.
      expect(new Set(ids).size).toBe(ids.length);
      expect(page.entries).toHaveLength(limit);
      after = page.entries.at(-1)?.cursor ?? null;
    }
  }

  afterEach(async () => {
    for (const [directory, id] of filed.splice(0)) await site.store.directory.remove(directory, id);
    expect(await list('users', null)).toEqual([]);
    expect(await list('rooms', null)).toEqual([]);
  });

  it('lists names in the order of their folded form, then id, whatever the page size', async () => {
    const names = [
      'beta',
      'Alpha',
      'alpha',
      'ALPHA 2',
      'Émile',
      'zeta',
      'Zeta',
      'ångström',
      'ß',
      '🙂',
      '\uffee',
      'ａｌｐｈａ',
      '10',
      '9',
    ];
    const entries = names.map((name) => ({ id: newRoomId(), name }));
    for (const entry of entries) await put('rooms', entry);
    for (const limit of [1, 2, 3, 5, 14, 100]) expect(await list('rooms', null, limit)).toEqual(expected(entries, ''));
    const { entries: listed } = await site.store.directory.list('rooms', { search: null, after: null, limit: 100 });
    expect(listed.map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(await list('users', null)).toEqual([]);
  });

  it('finds a name by the start of any of its words, in whatever case or width', async () => {
    const entries = [
      { id: newUserId(), name: 'Ann-Marie O.Neil', alsoKnownAs: 'annm_77' },
      { id: newUserId(), name: 'Marianne', alsoKnownAs: 'mari' },
      { id: newUserId(), name: 'neil', alsoKnownAs: 'ann' },
    ] as const;
    for (const entry of entries) await put('users', entry);
    const [a, b, c] = entries.map(({ id }) => id);
    expect(await list('users', 'ann')).toEqual(expected(entries, 'ann'));
    expect(new Set(await list('users', 'ANN'))).toEqual(new Set([a, c]));
    expect(await list('users', 'ｍａｒ')).toEqual([b, a]);
    expect(await list('users', 'neil')).toEqual([a, c].sort());
    expect(await list('users', 'marie o.n')).toEqual([a]);
    expect(await list('users', '77')).toEqual([a]);
    expect(await list('users', 'arie')).toEqual([]);
    expect(await list('users', '  Ann-MARIE  ')).toEqual([a]);
  });

  it('shows one that matches by several words once, over all pages', async () => {
    const entries = Array.from({ length: 6 }, () => ({
      id: newRoomId(),
      name: 'same same-same other',
      alsoKnownAs: 'same.same',
    }));
    for (const entry of entries) await put('rooms', entry);
    for (const limit of [1, 2, 4, 10]) expect(await list('rooms', 'same', limit)).toEqual(expected(entries, 'same'));
    expect(await list('rooms', 'same')).toHaveLength(6);
  });

  it('files under the new name instead of the old, and removes', async () => {
    const id = newRoomId();
    await put('rooms', { id, name: 'old name' });
    await put('rooms', { id, name: 'new title' });
    await put('rooms', { id, name: 'new title' });
    expect(await list('rooms', null)).toEqual([id]);
    expect([await list('rooms', 'old'), await list('rooms', 'name')]).toEqual([[], []]);
    expect([await list('rooms', 'new'), await list('rooms', 'title')]).toEqual([[id], [id]]);
    await site.store.directory.remove('rooms', id);
    await site.store.directory.remove('rooms', id);
    expect([await list('rooms', null), await list('rooms', 'new')]).toEqual([[], []]);
  });

  it('goes on behind an entry that has been taken out', async () => {
    const entries = ['a', 'b', 'c', 'd'].map((name) => ({ id: newRoomId(), name }));
    for (const entry of entries) await put('rooms', entry);
    const page = await site.store.directory.list('rooms', { search: null, after: null, limit: 2 });
    for (const { id } of page.entries) await site.store.directory.remove('rooms', id);
    const rest = await site.store.directory.list('rooms', { search: null, after: page.entries[1]?.cursor ?? '', limit: 2 });
    expect(rest.entries.map(({ name }) => name)).toEqual(['c', 'd']);
    expect(rest.hasMore).toBe(false);
  });

  it('takes a search of nothing for none', async () => {
    const entries = ['b', 'a'].map((name) => ({ id: newRoomId(), name }));
    for (const entry of entries) await put('rooms', entry);
    for (const search of ['', ' ', '\u3000', '\t\n']) expect(await list('rooms', search)).toEqual(expected(entries, ''));
  });

  it('S33 refuses a cursor it cannot read', async () => {
    const long = Buffer.from(JSON.stringify(['x'.repeat(5000), newRoomId()])).toString('base64url');
    for (const after of [
      '',
      'x',
      'e30',
      '[]',
      'W10',
      'bnVsbA',
      Buffer.from('[1,2]').toString('base64url'),
      long,
      '\u0000',
      '__proto__',
    ]) {
      await expect(site.store.directory.list('rooms', { search: null, after, limit: 2 }), after).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        field: 'after',
      });
    }
  });

  describe('with every name there can be', () => {
    it('S25 finds and orders as the promise says, and returns names byte for byte', async () => {
      const fragment = fc.oneof(
        hostileLine.map((line) => line.slice(0, 3)),
        fc.constantFrom('a', 'ab', 'b-a', ' ', '.', '🙂', ...JS_NAMES),
      );
      const entry = fc.record({
        name: hostileLine,
        alsoKnownAs: fc.option(fc.constantFrom('a', 'A.b', 'ab_c', ...JS_NAMES), { nil: undefined }),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(entry, { maxLength: 12 }),
          fragment,
          fc.integer({ min: 1, max: 5 }),
          async (given, search, limit) => {
            fc.pre(search.isWellFormed());
            const entries = given.map(({ name, alsoKnownAs }) => ({
              id: newRoomId(),
              name,
              ...(alsoKnownAs !== undefined && { alsoKnownAs }),
            }));
            for (const each of entries) await put('rooms', each);
            expect(await list('rooms', null, limit)).toEqual(expected(entries, ''));
            expect(await list('rooms', search, limit)).toEqual(expected(entries, search));
            const listed = await site.store.directory.list('rooms', { search: null, after: null, limit: 100 });
            const names = new Map(listed.entries.map(({ id, name }) => [id, name]));
            for (const { id, name } of entries) expect(names.get(id)).toBe(name);
            for (const { id } of entries) await site.store.directory.remove('rooms', id);
          },
        ),
        { numRuns: 60 },
      );
    });
  });
});
