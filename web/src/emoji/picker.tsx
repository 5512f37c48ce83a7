import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { Dialog } from '../base/dialog.tsx';
import { keep, recall } from '../base/keep.ts';
import { useLanguage, useText } from '../i18n/text.ts';
import { type Emoji, loadEmoji } from './emoji.ts';

/** How many to show at once: more are found by searching, or by scrolling on. */
const STEP = 160;
const FREQUENT = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '🚀', '👀', '✅', '🔥', '💯'];
const KEPT = 16;

/** Chooses an emoji by search or by looking. */
export default function EmojiPicker(props: { readonly onPick: (emoji: string) => void; readonly onClose: () => void }) {
  const t = useText();
  const language = useLanguage();
  const [all, setAll] = useState<readonly Emoji[] | null>(null);
  const [search, setSearch] = useState('');
  const [shown, setShown] = useState(STEP);
  const grid = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let over = false;
    void loadEmoji(language).then((list) => !over && setAll(list));
    return () => {
      over = true;
    };
  }, [language]);

  const word = search.trim().toLowerCase();
  const frequent = useMemo(recent, []);
  const found = useMemo(() => {
    if (all === null) return [];
    return word === '' ? all : all.filter(({ words }) => words.some((one) => one.startsWith(word)));
  }, [all, word]);

  const pick = (emoji: string) => {
    keep('emoji', JSON.stringify([emoji, ...frequent.filter((one) => one !== emoji)].slice(0, KEPT)));
    props.onPick(emoji);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const buttons: HTMLElement[] = [...(grid.current?.querySelectorAll<HTMLElement>('button.emoji') ?? [])];
    const at = document.activeElement instanceof HTMLElement ? buttons.indexOf(document.activeElement) : -1;
    const columns = columnsOf(buttons);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: at < 0 ? 1 : columns, ArrowUp: -columns }[event.key];
    if (step === undefined || (at < 0 && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const next = buttons[at + step];
    if (next) next.focus();
    else if (at + step < 0) grid.current?.parentElement?.querySelector('input')?.focus();
  };

  return (
    <Dialog title={t('emoji.title')} className="emoji-dialog" onClose={props.onClose}>
      <input
        type="search"
        aria-label={t('emoji.search')}
        placeholder={t('emoji.search')}
        value={search}
        onChange={({ target }) => {
          setSearch(target.value);
          setShown(STEP);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && found[0] && word !== '') {
            event.preventDefault();
            pick(found[0].emoji);
          } else onKeyDown(event);
        }}
      />
      <div
        ref={grid}
        className="emoji-scroll"
        role="toolbar"
        aria-label={t('emoji.title')}
        onKeyDown={onKeyDown}
        onScroll={({ currentTarget: box }) => {
          if (box.scrollTop + box.clientHeight > box.scrollHeight - 200 && shown < found.length) setShown(shown + STEP);
        }}
      >
        {word === '' && (
          <>
            <h3>{t('emoji.frequent')}</h3>
            <div className="emoji-grid">
              {frequent.map((emoji) => (
                <EmojiButton
                  key={emoji}
                  emoji={emoji}
                  label={all?.find((one) => one.emoji === emoji)?.label ?? emoji}
                  onPick={pick}
                />
              ))}
            </div>
            <hr />
          </>
        )}
        <div className="emoji-grid">
          {found.slice(0, shown).map(({ emoji, label }) => (
            <EmojiButton key={emoji} emoji={emoji} label={label} onPick={pick} />
          ))}
        </div>
        {all === null && <p className="quiet late">{t('emoji.loading')}</p>}
        {all !== null && found.length === 0 && <p className="quiet">{t('emoji.none')}</p>}
      </div>
    </Dialog>
  );
}

function EmojiButton(props: { readonly emoji: string; readonly label: string; readonly onPick: (emoji: string) => void }) {
  return (
    <button
      type="button"
      className="emoji"
      aria-label={props.label}
      title={props.label}
      onClick={() => props.onPick(props.emoji)}
    >
      {props.emoji}
    </button>
  );
}

function columnsOf(buttons: readonly HTMLElement[]): number {
  const top = buttons.at(-1)?.offsetTop;
  const row = buttons.filter(({ offsetTop }) => offsetTop === (buttons[0]?.offsetTop ?? top));
  return Math.max(1, row.length);
}

function recent(): string[] {
  try {
    const list: unknown = JSON.parse(recall('emoji') ?? '[]');
    const own = Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
    return [...new Set([...own, ...FREQUENT])].slice(0, KEPT);
  } catch {
    return FREQUENT;
  }
}
