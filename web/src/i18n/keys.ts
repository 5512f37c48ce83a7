import { t } from './text.ts';

/** What the key beside the space bar is called that commands are given with. */
export const commandKey = (): string => (/^(Mac|iP)/.test(navigator.platform) ? '⌘' : t('key.ctrl'));
