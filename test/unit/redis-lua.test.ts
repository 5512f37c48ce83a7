import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFUSALS } from '../../src/store/redis/answers.ts';
import { loadLua } from '../../src/store/redis/lua-loader.ts';
import { scriptText } from '../../src/store/redis/script-runner.ts';

const folder = path.resolve(import.meta.dirname, '../../src/store/redis/lua');
const namesIn = (directory: string): string[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith('.lua'))
    .map((file) => file.slice(0, -4));
const scripts = namesIn(folder);
const includes = namesIn(path.join(folder, 'includes'));
const source = (name: string): string => readFileSync(path.join(folder, `${name}.lua`), 'utf8');
const code = (text: string): string => text.replace(/--.*$/gm, '');

// A list that begins with a word, or a text that does.
const ANSWER = /return (?:\{ |string\.format\()?'([A-Z_]+)[' ]/g;

const from = (files: Readonly<Record<string, string>>) => (name: string) => {
  const text = files[name];
  if (text === undefined) throw new Error(`no ${name}`);
  return text;
};

describe('the Lua loader', () => {
  it('puts an include in place of its line, and includes of includes', () => {
    const files = {
      a: '#!lua\n--- @include b\nreturn b\n',
      'includes/b': '--- @include c\nlocal b = c\n',
      'includes/c': 'local c = 1\n',
    };
    expect(loadLua('a', from(files))).toBe('#!lua\nlocal c = 1\nlocal b = c\nreturn b\n');
  });

  it('takes what is included twice once, at its first place', () => {
    const files = {
      a: '--- @include b\n--- @include c\n--- @include b\n',
      'includes/b': '--- @include c\nlocal b\n',
      'includes/c': 'local c\n',
    };
    expect(loadLua('a', from(files))).toBe('local c\nlocal b\n');
  });

  it('refuses what goes round', () => {
    const files = { a: '--- @include b\n', 'includes/b': '--- @include c\n', 'includes/c': '--- @include b\n' };
    expect(() => loadLua('a', from(files))).toThrow('a -> includes/b -> includes/c -> includes/b');
    expect(() => loadLua('a', from({ a: '--- @include s', 'includes/s': '--- @include s' }))).toThrow('go round');
  });

  it('says what is missing, and who asked for it', () => {
    expect(() => loadLua('a', from({}))).toThrow('missing: a');
    expect(() => loadLua('a', from({ a: '--- @include b' }))).toThrow('missing: a -> includes/b');
  });

  it('loads one include in place of another', () => {
    const files = { a: '--- @include b\n', 'includes/b': 'one', 'includes/c': 'two' };
    expect(loadLua('a', from(files), { b: 'c' })).toBe('two\n');
  });
});

describe('the Lua scripts', () => {
  it.each(scripts)('%s has a header: what for, KEYS, ARGV, what it returns', (name) => {
    const lines = source(name).split('\n');
    // The first line makes Redis check memory and permission before the first command runs, so nothing is ever half done.
    expect(lines[0]).toMatch(/^#!lua( flags=(no-writes|allow-oom))?$/);
    const header = lines
      .slice(
        1,
        lines.findIndex((line, index) => index > 0 && !line.startsWith('-- ') && line !== '--'),
      )
      .join('\n');
    expect(header).toMatch(/^-- [A-Z]/);
    expect(header).toContain('-- KEYS[1]');
    expect(header).toMatch(/^-- Returns /m);
    if (/\bARGV\b/.test(code(scriptText(name, false)))) expect(header).toMatch(/-- ARGV\[1(\.\.)?\]/);
  });

  it.each(scripts)('%s reads every key it declares, and declares every key it reads', (name) => {
    const header = source(name)
      .split('\n')
      .filter((line) => line.startsWith('-- '))
      .join('\n');
    const declared = new Set([...header.matchAll(/KEYS\[(\d+)\]/g)].map(([, index]) => Number(index)));
    const used = new Set([...code(source(name)).matchAll(/KEYS\[(\d+)\]/g)].map(([, index]) => Number(index)));
    expect([...used].sort()).toEqual([...declared].sort());
  });

  it.each(scripts)('%s makes other keys only from one it declares, and says so', (name) => {
    const text = code(scriptText(name, false));
    const commands = [...text.matchAll(/redis\.call\('([A-Z]+)'(?:, ([^,)]+))?/g)].filter(
      ([, command]) => !/TIME|INFO/.test(command ?? ''),
    );
    for (const [, , key = ''] of commands) expect(key.trim()).not.toMatch(/^['"]/);
    const derives = /:keys:|reaction_key\(|ARGV\[1\] \.\. hash/.test(code(source(name))) || /trim\(keys/.test(code(source(name)));
    if (derives) expect(source(name)).toContain('-- Derived: ');
  });

  it.each(scripts)('%s publishes last', (name) => {
    const text = code(source(name));
    const published = text.search(/^(for .*)?publish\(/m);
    if (published < 0) return;
    const after = text.slice(published).split('\n').slice(1).join('\n');
    expect(after).not.toMatch(/redis\.call\('(HSET|HDEL|ZADD|ZREM|DEL|SET|INCR|PEXPIRE)/);
  });

  it('S24 makes no code of data', () => {
    for (const name of scripts)
      expect(code(scriptText(name, true))).not.toMatch(/\b(loadstring|load|dofile|require|setfenv)\s*\(/);
  });

  it('publishes to the shard in a cluster and to all else', () => {
    expect(scriptText('append-message', false)).toContain("'PUBLISH'");
    expect(scriptText('append-message', true)).not.toContain("'PUBLISH'");
    expect(scriptText('append-message', true)).toContain("'SPUBLISH'");
  });

  it('refuses only in words that mean something, and every such word is used', () => {
    const words = scripts.flatMap((name) => [...code(source(name)).matchAll(ANSWER)].map(([, word]) => word ?? ''));
    const refusals = [...new Set(words)].filter((word) => word !== 'OK' && word !== 'DUPLICATE').sort();
    expect(refusals).toEqual(Object.keys(REFUSALS).sort());
  });

  it.each(scripts)('%s names in its header every answer it gives', (name) => {
    const header = source(name).split('\n\n')[0];
    for (const [, word] of code(source(name)).matchAll(ANSWER)) expect(header).toMatch(new RegExp(`'${word}[' ]`));
  });

  it('has no include that nothing includes', () => {
    const used = new Set(
      [...scripts.map((name) => source(name)), ...includes.map((name) => source(`includes/${name}`))].flatMap((text) =>
        [...text.matchAll(/^--- @include ([a-z-]+)$/gm)].map(([, name]) => name),
      ),
    );
    expect(includes.filter((name) => !used.has(name))).toEqual(['publish-sharded']);
  });
});
