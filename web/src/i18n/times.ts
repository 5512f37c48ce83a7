import { currentLanguage, t } from './text.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

// English is spoken in many countries: there the system says how times are written.
function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const language = currentLanguage();
  const locale = navigator.languages.find((one) => one.startsWith(language)) ?? language;
  const key = `${locale} ${name}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, known);
  return known;
}

/** Hours and minutes. */
export const timeOf = (at: string): string => format('time', { hour: '2-digit', minute: '2-digit' }).format(new Date(at));

/** Everything there is to say of an instant. */
export const exactTimeOf = (at: string): string =>
  format('exact', { dateStyle: 'full', timeStyle: 'medium' }).format(new Date(at));

/** The day: today, yesterday, or its date. */
export function dayOf(at: string): string {
  const date = new Date(at);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return t('room.today');
  if (date.toDateString() === yesterday.toDateString()) return t('room.yesterday');
  const thisYear = date.getFullYear() === today.getFullYear();
  const options: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long' };
  return (thisYear ? format('day', options) : format('year', { ...options, year: 'numeric' })).format(date);
}

/** Names as a sentence has them: "Ann, Bob and Carol". */
export const listOf = (names: readonly string[]): string => new Intl.ListFormat(currentLanguage()).format(names);

/** Has the browser load what it writes times with: the first time takes it long, and is better over before there is something to show. */
export function prepareTimes(): void {
  const now = new Date().toISOString();
  timeOf(now);
  exactTimeOf(now);
}
