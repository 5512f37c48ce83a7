import { keep, recall } from './keep.ts';
import { createStore, useStore } from './store.ts';

/** Light, dark, or as the system has it. */
export type Theme = 'system' | 'light' | 'dark';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const kept = THEMES.find((theme) => theme === recall('theme')) ?? 'system';
const theme = createStore<Theme>(kept);
show(kept);

/** Chooses how the page looks from now on. */
export function setTheme(next: Theme): void {
  keep('theme', next === 'system' ? null : next);
  theme.set(next);
  show(next);
}

/** The chosen look, in a component. */
export const useTheme = (): Theme => useStore(theme);

function show(next: Theme): void {
  if (next === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
}
