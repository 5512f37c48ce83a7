import type { Language } from '../i18n/text.ts';

/** An emoji and what it is called. */
export interface Emoji {
  readonly emoji: string;
  readonly label: string;
  /** What it is found by, in lower case. */
  readonly words: readonly string[];
}

/** An entry of the data set, as far as it is needed here. Those without a place in the order, and the parts others are made of, are left out. */
interface Entry {
  readonly unicode: string;
  readonly label: string;
  readonly order: number;
  readonly group: number;
  readonly tags?: readonly string[];
}

const PARTS = 2;

/** All emoji in the order people know, with their names in that language. Loaded when first wanted. */
export async function loadEmoji(language: Language): Promise<readonly Emoji[]> {
  const { default: list } = await (language === 'de'
    ? import('emojibase-data/de/compact.json')
    : import('emojibase-data/en/compact.json'));
  const entries: readonly unknown[] = list;
  return entries
    .filter(isEntry)
    .sort((a, b) => a.order - b.order)
    .map(({ unicode, label, tags = [] }) => ({
      emoji: unicode,
      label,
      words: [label, ...tags].flatMap((name) => [name.toLowerCase(), ...name.toLowerCase().split(/[\s-]+/)]),
    }));
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  return 'order' in value && typeof value.order === 'number' && 'group' in value && value.group !== PARTS && 'unicode' in value;
}
