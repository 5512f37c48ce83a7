import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

/** Who may import whom. The longest name that begins a path is its room; `type X` allows only `import type`. */
const ROOMS: Record<string, readonly string[]> = {
  'src/main.ts': ['src/app.ts', 'src/config.ts'],
  'src/app.ts': ['src'],
  'src/config.ts': [],
  'src/context.ts': ['type src/domain', 'type src/services', 'type src/realtime'],
  'src/domain': [],
  'src/telemetry': [],
  'src/ports': ['src/domain'],
  'src/store/embedded': ['src/ports', 'src/domain', 'src/telemetry'],
  'src/store/redis': ['src/ports', 'src/domain', 'src/telemetry'],
  'src/services': ['src/domain', 'src/ports', 'src/telemetry'],
  'src/realtime': ['src/domain', 'src/ports', 'src/telemetry'],
  'src/resolvers': ['src/context.ts', 'src/domain', 'type src/services', 'type src/realtime'],
  'src/schema': ['src/context.ts', 'src/domain', 'src/resolvers'],
  'src/transport': ['src/context.ts', 'src/domain', 'src/realtime', 'src/telemetry'],
  'src/integrations': ['src/domain', 'src/ports', 'src/services', 'src/telemetry'],
  'src/sdk': [],
  web: ['src/sdk'],
};

/** Packages that belong to certain rooms. */
const PACKAGES: Record<string, readonly string[]> = {
  lmdb: ['src/store/embedded'],
  ioredis: ['src/store/redis'],
  'graphql-redis-subscriptions': ['src/store/redis'],
  'graphql-subscriptions': ['src/store/redis'],
  '@pothos/core': ['src/schema'],
  'graphql-yoga': ['src/transport'],
  '@graphql-yoga/render-graphiql': ['src/transport'],
  'graphql-ws': ['src/transport', 'src/sdk', 'web'],
  ws: ['src/transport'],
  pino: ['src/telemetry'],
  'prom-client': ['src/telemetry'],
};

/** Rooms that import no package at all, or only these. */
const ONLY: Record<string, readonly string[]> = {
  'src/domain': ['node:crypto'],
  'src/ports': [],
  'src/sdk': ['graphql-ws'],
  web: [
    ...['@urql/core', '@urql/exchange-auth', '@urql/exchange-graphcache', '@urql/exchange-retry', 'urql', 'wonka'],
    ...['emojibase-data', 'gql.tada', 'graphql-ws', 'marked', 'react', 'react-dom', 'virtua'],
  ],
};

interface Import {
  readonly file: string;
  readonly line: number;
  readonly typeOnly: boolean;
  /** What is imported: a path from the project's root, or a package. */
  readonly target: string;
  readonly ours: boolean;
}

const IMPORT =
  /^[ \t]*(?:import|export)\s+(type\s+)?(?:[\w*${},\s]+?\bfrom\s*)?['"]([^'"\n]+)['"]|\b(?:import|require)\(\s*['"]([^'"\n]+)['"]\s*\)/gm;

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(root, file)));
const texts = new Map(
  files
    .filter((file) => !/\.(png|ico|woff2?|lock)$/.test(file))
    .map((file) => [file, readFileSync(path.join(root, file), 'utf8')]),
);
const sources = files.filter((file) => /^(src|web)\/.*\.tsx?$/.test(file) || file === 'web/index.html');
const imports = sources.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = texts.get(file) ?? '';
  return [...text.matchAll(IMPORT)].map((match) => {
    const target = (match[2] ?? match[3] ?? '').replace(/\?.*$/, '');
    const ours = target.startsWith('.') || target.startsWith('/');
    return {
      file,
      line: text.slice(0, match.index + match[0].search(/\S/)).split('\n').length,
      typeOnly: match[1] !== undefined,
      target: ours ? path.posix.normalize(path.posix.join(path.posix.dirname(file), target)) : packageOf(target),
      ours,
    };
  });
}

function packageOf(target: string): string {
  return target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? target);
}

function within(file: string, room: string): boolean {
  return file === room || file.startsWith(`${room}/`);
}

function roomOf(file: string): string | undefined {
  return Object.keys(ROOMS)
    .filter((room) => within(file, room))
    .sort((a, b) => b.length - a.length)[0];
}

function mayImport(room: string, { target, typeOnly }: Import): boolean {
  if (within(target, room)) return true;
  return (ROOMS[room] ?? []).some(
    (entry) => (typeOnly || !entry.startsWith('type ')) && within(target, entry.replace('type ', '')),
  );
}

function told({ file, line, typeOnly, target }: Import): string {
  return `${file}:${line} imports ${typeOnly ? 'types of ' : ''}${target}`;
}

/** Where these words stand, as file:line. */
function placesOf(pattern: RegExp, among: RegExp): string[] {
  return [...texts]
    .filter(([file]) => among.test(file))
    .flatMap(([file, text]) =>
      text
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim().slice(0, 100)}`] : [])),
    );
}

describe('the house', () => {
  it('has a room for every source file', () => {
    expect(sources.filter((file) => roomOf(file) === undefined)).toEqual([]);
    expect(imports.length).toBeGreaterThan(20);
  });

  it('lets a room import only what its row says', () => {
    const broken = imports.filter((one) => one.ours && !mayImport(roomOf(one.file) ?? one.file, one));
    expect(broken.map(told)).toEqual([]);
  });

  it('keeps packages in their rooms', () => {
    const broken = imports.filter(({ ours, file, target }) => {
      const only = ONLY[roomOf(file) ?? ''];
      const rooms = PACKAGES[target];
      return !ours && (only?.includes(target) === false || rooms?.some((room) => within(file, room)) === false);
    });
    expect(broken.map(told)).toEqual([]);
  });

  it('has no import cycle, type-only imports included', () => {
    const next = (file: string) => imports.filter((one) => one.ours && one.file === file);
    const done = new Set<string>();
    const visit = (file: string, trail: readonly string[]): string[] => {
      if (trail.includes(file)) return [[...trail.slice(trail.indexOf(file)), file].join(' -> ')];
      if (done.has(file)) return [];
      const cycles = next(file).flatMap(({ target }) => visit(target, [...trail, file]));
      done.add(file);
      return cycles;
    };
    expect(sources.flatMap((file) => visit(file, []))).toEqual([]);
  });

  it('runs every test and silences no check', () => {
    expect(placesOf(/\b(it|test|describe|suite|bench)\.(only|skip|todo|fails)\b/, /^(test|bench)\/.*\.tsx?$/)).toEqual([]);
    expect(placesOf(/@ts-(ignore|nocheck)|biome-[i]gnore/, /\.(m?[jt]sx?|css|json)$/)).toEqual([]);
  });

  it('uses nothing that the oldest supported Node lacks, though the types know it', () => {
    const newer = /\b(Promise\.(withResolvers|try)|(Map|Object)\.groupBy|Array\.fromAsync|Iterator\.from)\b/;
    expect(
      placesOf(newer, /^(src|test|bench|scripts)\/.*\.(ts|mjs)$/).filter((place) => !place.startsWith('test/house')),
    ).toEqual([]);
  });

  it('says nothing of the machine or the way it was built on', () => {
    const words =
      /\/(w[o]rk|f[a]rm|tmp\/(b[a]sh_jobs|s[p]ike))\/|\bC[E]O\b|s[u]b-?agent|\bC[l]aude\b|\bL[L]M\b|\bA[I][- ](agent|generated|assist)/i;
    expect(placesOf(words, /^(?!package-lock\.json$)/)).toEqual([]);
  });
});
