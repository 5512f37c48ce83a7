import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readConfig, SETTING_NAMES } from '../../src/config.ts';
import { ERROR_CODES } from '../../src/domain/errors.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { CLOSE } from '../../src/transport/close-codes.ts';

const root = path.resolve(import.meta.dirname, '../..');
const PAGES = ['README.md', 'docs/PROTOCOL.md', 'docs/decisions.md', 'docs/operations.md', 'docs/scaling.md'];
const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8');
const README = textOf('README.md');
const PROTOCOL = textOf('docs/PROTOCOL.md');

/** The text under a heading, up to the next one of its level or above. */
function sectionOf(text: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 1;
  const [, after = ''] = text.split(`\n${heading}\n`);
  return after.split(new RegExp(`^#{1,${level}} `, 'm'))[0] ?? '';
}

/** The rows of all tables in the text, cells trimmed, without heads. */
function rowsOf(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  const heads = new Set(lines.filter((_, index) => /^\|[-|]+\|$/.test(lines[index + 1] ?? '')));
  return lines
    .filter((line) => !heads.has(line) && !/^\|[-|]+\|$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** Fenced blocks of that language, without the fences and their indentation. */
function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm'))].map(
    ([, indent = '', body = '']) => body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

const code = (cell: string | undefined): string | null => /^`(.*)`$/.exec(cell ?? '')?.[1] ?? null;

/** What is wrong with a default: setting it must change nothing. */
function faultOf(name: string, value: string): string[] {
  const same = JSON.stringify(readConfig({ [name]: value })) === JSON.stringify(readConfig({}));
  return same ? [] : [`${name} is not ${value} by default`];
}

describe('the settings in the README', () => {
  const rows = rowsOf(sectionOf(README, '## Settings'));

  it('are those there are, in their order', () => {
    expect(rows.map(([name]) => code(name))).toEqual(SETTING_NAMES);
  });

  it('have the defaults they really have', () => {
    const faults = rows.flatMap(([name, value]) => {
      const given = code(value);
      return given === null ? [] : faultOf(code(name) ?? '', given);
    });
    expect(faults).toEqual([]);
    expect(rows.filter(([, value]) => code(value) === null).map(([name]) => code(name))).toEqual([
      ...['NODE_ENV', 'REDIS_URL', 'REDIS_CLUSTER_NODES', 'REDIS_SENTINELS', 'REDIS_USERNAME', 'REDIS_PASSWORD'],
      ...['PARLEY_DEMO', 'PARLEY_ORIGINS'],
    ]);
  });

  it('each say what they mean', () => {
    expect(rows.filter(([, , meaning]) => !meaning)).toEqual([]);
  });
});

describe('the limits in the protocol', () => {
  const rows = rowsOf(sectionOf(PROTOCOL, '## 14. Limits'));
  const set = rows.filter(([, , setting]) => setting !== '');

  it('have the defaults they really have', () => {
    expect(set.flatMap(([, , setting, value]) => faultOf(code(setting) ?? '', code(value) ?? ''))).toEqual([]);
    expect(set.length).toBeGreaterThan(20);
  });

  it('are told for people as for the setting', () => {
    const plain = (text: string | undefined) => /^\D*([\d,]+)( KiB| MiB)?/.exec(text ?? '');
    const faults = set.flatMap(([what, limit, , value]) => {
      if (limit === 'a rate' || what?.startsWith('page')) return [];
      const [, digits = '', unit = ''] = plain(limit) ?? [];
      const factor = unit === ' KiB' ? 1024 : unit === ' MiB' ? 1024 ** 2 : 1;
      return String(Number(digits.replaceAll(',', '')) * factor) === code(value) ? [] : [`${what}: ${limit} is not ${value}`];
    });
    expect(faults).toEqual([]);
  });
});

describe('the codes in the protocol', () => {
  it('of errors are those there are', () => {
    expect(rowsOf(sectionOf(PROTOCOL, '## 13. Error codes')).map(([name]) => name)).toEqual([...ERROR_CODES]);
  });

  it('of closed sockets are those there are, and say who uses them', () => {
    const ours = rowsOf(sectionOf(PROTOCOL, '## 12. Close codes'))
      .filter(([, from]) => from?.startsWith('Parley'))
      .map(([number]) => Number(number));
    expect(ours).toEqual(Object.values(CLOSE).map((close) => close.code));
  });

  it('tell whether to come back as the reference client does', () => {
    for (const [number, , , advice, reference] of rowsOf(sectionOf(PROTOCOL, '## 12. Close codes'))) {
      const stays = advice?.startsWith('stay away');
      expect(reference?.startsWith(stays ? 'stays away' : 'comes back'), `${number}`).toBe(true);
    }
  });
});

describe('the promises', () => {
  const named = [...sectionOf(PROTOCOL, '## 1. Promises').matchAll(/^- \*\*(P\d+) /gm)].map(([, name]) => name);

  it('are twelve', () => {
    expect(named).toEqual(Array.from({ length: 12 }, (_, index) => `P${index + 1}`));
  });

  it('are each named by a test', () => {
    const files = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' });
    const sources = files.filter((file) => file.endsWith('.test.ts')).map((file) => textOf(path.join('test', file)));
    const names = sources.flatMap((source) => [...source.matchAll(/\b(?:it|test|describe)(?:\.\w+)*\(\s*(['"`])(.*?)\1/g)]);
    const missing = named.filter((name) => !names.some(([, , title]) => new RegExp(`\\b${name}\\b`).test(title ?? '')));
    expect(missing).toEqual([]);
  });
});

describe('the metrics in the README', () => {
  it('are those there are', async () => {
    const served = [...(await createMetrics().text()).matchAll(/^# HELP (parley_\w+)/gm)].map(([, name]) => name);
    const listed = rowsOf(sectionOf(README, '## Health and metrics')).map(([name]) => code(name));
    expect(listed.toSorted()).toEqual(served.toSorted());
  });
});

describe('the examples', () => {
  const schema = buildSchema(textOf('schema.graphql'));
  const scripts = (text: string) => [...text.matchAll(/<<'END'\n([\s\S]*?)^END$/gm)].map(([, script = '']) => script);

  it.each([
    ['README.md', 4],
    ['docs/PROTOCOL.md', 2],
  ])('in %s are operations of the schema', (page, count) => {
    const text = textOf(page);
    const inJson = [...text.matchAll(/^ {2}"query": (".*"),?$/gm)].map(([, query = '']): string => JSON.parse(query));
    const inScripts = scripts(text).flatMap((script) =>
      [...script.matchAll(/query = `([^`]*)`/g)].map(([, query = '']) => query),
    );
    const documents = [...blocksOf(text, 'graphql'), ...inJson, ...inScripts];
    for (const document of documents) expect(validate(schema, parse(document)), document).toEqual([]);
    expect(documents).toHaveLength(count);
  });

  it('for the client are programs', () => {
    const programs = [...scripts(README), ...blocksOf(README, 'js')];
    expect(programs.length).toBeGreaterThan(0);
    for (const input of programs) execFileSync(process.execPath, ['--input-type=module', '--check'], { input });
  });
});

describe('the links', () => {
  // As GitHub makes them: lower case, without punctuation, a hyphen for each space.
  const anchorsOf = (page: string): string[] =>
    [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );

  it.each(PAGES)('in %s lead somewhere', (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const inside = links.filter((link) => !/^https?:/.test(link));
    const broken = inside.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.join(path.dirname(page), file);
      return !existsSync(path.join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken).toEqual([]);
  });
});
