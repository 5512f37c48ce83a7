import type { Key } from './en.ts';
import type { Values } from './text.ts';

// The server says in English what happened. What is not known here is shown in its own words.
const PATTERNS: readonly (readonly [RegExp, Key, ...string[]])[] = [
  [/^joined$/, 'system.joined'],
  [/^left$/, 'system.left'],
  [/^created the room$/, 'system.created'],
  [/^was added by (.+)$/, 'system.addedBy', 'by'],
  [/^was removed by (.+)$/, 'system.removedBy', 'by'],
  [/^is now an owner$/, 'system.owner'],
  [/^is now a moderator$/, 'system.moderator'],
  [/^is now a member$/, 'system.member'],
  [/^renamed the room to (.+) and changed the topic to (.+)$/, 'system.renamedTopic', 'value', 'topic'],
  [/^renamed the room to (.+) and removed the topic$/, 'system.renamedNoTopic', 'value'],
  [/^renamed the room to (.+)$/, 'system.renamed', 'value'],
  [/^changed the topic to (.+)$/, 'system.topic', 'value'],
  [/^removed the topic$/, 'system.noTopic'],
];

/** What a system message says, as a text of the catalogue and what is to be filled in. */
export function systemWords(name: string, body: string): { readonly key: Key; readonly values: Values } {
  for (const [pattern, key, ...names] of PATTERNS) {
    const match = pattern.exec(body);
    if (match) return { key, values: { name, ...Object.fromEntries(names.map((each, at) => [each, match[at + 1] ?? ''])) } };
  }
  return { key: 'system.other', values: { name, value: body } };
}
