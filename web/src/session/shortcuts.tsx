import { Dialog } from '../base/dialog.tsx';
import type { Key } from '../i18n/en.ts';
import { commandKey } from '../i18n/keys.ts';
import { t, useText } from '../i18n/text.ts';

const keys = (): readonly (readonly [Key, ...string[]])[] => [
  ['shortcuts.switcher', commandKey(), 'K'],
  ['shortcuts.rooms', 'Alt', '↑ ↓'],
  ['shortcuts.send', t('key.enter')],
  ['shortcuts.newline', t('key.shift'), t('key.enter')],
  ['shortcuts.edit', '↑'],
  ['shortcuts.messages', '↑ ↓'],
  ['shortcuts.actions', 'Tab'],
  ['shortcuts.ends', t('key.home'), t('key.end')],
  ['shortcuts.escape', 'Esc'],
  ['shortcuts.sheet', '?'],
];

/** What the keyboard can do. */
export default function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  useText();
  return (
    <Dialog title={t('shortcuts.title')} onClose={onClose}>
      <dl className="shortcuts">
        {keys().map(([key, ...names]) => (
          <div key={key}>
            <dt>{t(key)}</dt>
            <dd>
              {names.map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
