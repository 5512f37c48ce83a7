import { Dialog } from '../base/dialog.tsx';
import type { Key } from '../i18n/en.ts';
import { useText } from '../i18n/text.ts';

const KEYS: readonly (readonly [Key, ...string[]])[] = [
  ['shortcuts.switcher', 'Ctrl', 'K'],
  ['shortcuts.rooms', 'Alt', '↑ ↓'],
  ['shortcuts.send', 'Enter'],
  ['shortcuts.newline', 'Shift', 'Enter'],
  ['shortcuts.edit', '↑'],
  ['shortcuts.messages', '↑ ↓'],
  ['shortcuts.actions', 'Tab'],
  ['shortcuts.ends', 'Home', 'End'],
  ['shortcuts.escape', 'Esc'],
  ['shortcuts.sheet', '?'],
];

/** What the keyboard can do. */
export default function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  const t = useText();
  return (
    <Dialog title={t('shortcuts.title')} onClose={onClose}>
      <dl className="shortcuts">
        {KEYS.map(([key, ...keys]) => (
          <div key={key}>
            <dt>{t(key)}</dt>
            <dd>
              {keys.map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
