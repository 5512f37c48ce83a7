import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { words } from '../../../src/services/words.ts';
import { de } from '../../../web/src/i18n/de.ts';
import { en, type Key, type Text } from '../../../web/src/i18n/en.ts';
import { systemWords } from '../../../web/src/i18n/system-words.ts';
import { textIn } from '../../../web/src/i18n/text.ts';

const holes = (text: Text): string[] => {
  const forms = typeof text === 'string' ? [text] : [text.one, text.other];
  return [...new Set(forms.flatMap((form) => form.match(/\{\w+\}/g) ?? []))].sort();
};
const keys = Object.keys(en) as Key[];

describe('the texts of the page', () => {
  it('are complete in both languages, with the same things to fill in', () => {
    expect(Object.keys(de).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect(holes(de[key]), key).toEqual(holes(en[key]));
      expect(typeof de[key], key).toBe(typeof en[key]);
    }
  });

  it('choose the plural form and write numbers as the language does', () => {
    expect(textIn('en', 'room.members', { count: 1 })).toBe('1 member');
    expect(textIn('en', 'room.members', { count: 1234 })).toBe('1,234 members');
    expect(textIn('de', 'room.members', { count: 1234 })).toBe('1.234 Mitglieder');
  });

  it('keep their order around a name that is written from right to left', () => {
    expect(textIn('en', 'system.addedBy', { name: 'ليلى', by: 'Alice' })).toBe('\u2068ليلى\u2069 was added by Alice');
    expect(textIn('de', 'room.typing.two', { a: 'Ann', b: 'דנה' })).toBe('Ann und \u2068דנה\u2069 schreiben');
    expect(textIn('en', 'system.joined', { name: '\u202eAnn' })).toBe('\u2068\u202eAnn\u2069 joined');
    expect(textIn('en', 'system.joined', { name: 'Zoë Müller-🎉' })).toBe('Zoë Müller-🎉 joined');
  });

  it('are all used', () => {
    const root = path.resolve(import.meta.dirname, '../../../web/src');
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !/i18n.(en|de)\.ts$/.test(file))
      .map((file) => readFileSync(path.join(root, file), 'utf8'))
      .join('\n');
    const made = /^(account\.theme|account\.notifications|error|room\.reset|role|link)\./;
    expect(keys.filter((key) => !made.test(key) && !sources.includes(`'${key}'`))).toEqual([]);
  });
});

describe('system messages', () => {
  it('are told in the words of the catalogue, whatever the server says', () => {
    const said = [words.created, words.joined, words.addedBy('Bob'), words.left, words.removedBy('Bob')]
      .concat((['OWNER', 'MODERATOR', 'MEMBER'] as const).map(words.role))
      .concat([words.updated('Tea', undefined), words.updated(undefined, 'Cups'), words.updated(undefined, null)])
      .concat([words.updated('Tea', 'Cups'), words.updated('Tea', null)]);
    for (const body of said) {
      const { key, values } = systemWords('Ann', body);
      expect(key, body).not.toBe('system.other');
      // New names and topics stand in quotation marks here.
      expect(textIn('en', key, values).replace(/[“”]/g, '')).toBe(`Ann ${body}`);
    }
    const { key, values } = systemWords('Ann', words.updated('Tee', 'Tassen'));
    expect(textIn('de', key, values)).toBe('Ann hat den Raum in „Tee“ umbenannt und das Thema in „Tassen“ geändert');
  });

  it('that are not known are shown in the words of the server', () => {
    const { key, values } = systemWords('Ann', 'painted the walls');
    expect(textIn('en', key, values)).toBe('Ann painted the walls');
  });
});
