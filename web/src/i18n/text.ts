import { keep, recall } from '../base/keep.ts';
import { createStore, useStore } from '../base/store.ts';
import { de } from './de.ts';
import { en, type Key, type Text } from './en.ts';

/** The languages the page speaks, each in its own words. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

const CATALOGUES: Record<Language, Record<Key, Text>> = { en, de };

/** What is filled into a text; `count` chooses the plural form. */
export type Values = Readonly<Record<string, string | number>>;

/** The text of that name, in one language. */
export function textIn(language: Language, key: Key, values: Values = {}): string {
  const text: Text = CATALOGUES[language][key];
  const form = typeof text === 'string' ? text : text[formOf(language, Number(values.count ?? 0))];
  return form.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = values[name];
    if (value === undefined) return hole;
    return typeof value === 'number' ? numberIn(language, value) : isolated(value);
  });
}

const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A name that is written from right to left, or that turns what follows around, would reorder the sentence it stands in: that ends with the name. */
const isolated = (text: string): string => (RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text);

const numbers = new Map<Language, Intl.NumberFormat>();
const plurals = new Map<Language, Intl.PluralRules>();

// What Intl makes is dear, and most numbers are small: those are written the same in all languages of the page.
function numberIn(language: Language, value: number): string {
  if (Number.isInteger(value) && value >= 0 && value < 1000) return String(value);
  const known = numbers.get(language) ?? new Intl.NumberFormat(language);
  numbers.set(language, known);
  return known.format(value);
}

function formOf(language: Language, count: number): 'one' | 'other' {
  const known = plurals.get(language) ?? new Intl.PluralRules(language);
  plurals.set(language, known);
  return known.select(count) === 'one' ? 'one' : 'other';
}

function isLanguage(name: string | null | undefined): name is Language {
  return name !== null && name !== undefined && name in LANGUAGES;
}

function first(): Language {
  const kept = recall('language');
  if (isLanguage(kept)) return kept;
  return globalThis.navigator?.languages?.map((name) => name.slice(0, 2)).find(isLanguage) ?? 'en';
}

const language = createStore<Language>(first());
const show = () => {
  if (globalThis.document) document.documentElement.lang = language.get();
};
language.watch(show);
show();

/** The language of the page now. */
export const currentLanguage = (): Language => language.get();

/** Speaks that language from now on. */
export function setLanguage(next: Language): void {
  keep('language', next);
  language.set(next);
}

/** The language of the page, in a component. */
export const useLanguage = (): Language => useStore(language);

/** A text in the language of the page. */
export const t = (key: Key, values?: Values): string => textIn(language.get(), key, values);

/** The same for a component, which is drawn again in another language. */
export function useText(): typeof t {
  useStore(language);
  return t;
}
