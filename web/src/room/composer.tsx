import { type KeyboardEvent, type RefObject, type SubmitEvent, useEffect, useRef, useState } from 'react';
import { Avatar } from '../base/avatar.tsx';
import { isByTouch } from '../base/by-touch.ts';
import { Icon } from '../base/icons.tsx';
import { later } from '../base/later.tsx';
import { useChosen } from '../base/use-chosen.ts';
import { useText } from '../i18n/text.ts';
import { excerpt } from '../message/markdown.tsx';
import { completionAt, type Nameable } from './completion.ts';
import { useNameable } from './use-nameable.ts';

const EmojiPicker = later(() => import('../emoji/picker.tsx'));

/** The longest body the server takes, in code points. */
const LONGEST = 4000;
/** How often to say that one is typing, in ms. */
const TYPING_MS = 2000;
const COMPLETING_KEYS = ['Enter', 'Tab'];

/** What is being written: something new, an answer, or another wording. */
export type Writing =
  | { readonly kind: 'new' }
  | { readonly kind: 'reply'; readonly id: string; readonly name: string; readonly body: string }
  | { readonly kind: 'edit'; readonly id: string; readonly body: string };

/** Where the viewer writes. Enter sends, Shift+Enter starts a new line, the up arrow in the empty field edits one's last message. */
export function Composer(props: {
  readonly roomId: string;
  readonly placeholder: string;
  readonly draft: string;
  /** Who can be mentioned, as far as they are known; `morePeople` where there are others. */
  readonly people: readonly Nameable[];
  readonly morePeople: boolean;
  readonly writing: Writing;
  readonly fieldRef: RefObject<HTMLTextAreaElement | null>;
  readonly onDraft: (text: string) => void;
  readonly onSend: (body: string) => void;
  readonly onEdit: (messageId: string, body: string) => void;
  readonly onCancel: () => void;
  readonly onEditLast: () => void;
  readonly onTyping: () => void;
}) {
  const { writing, fieldRef } = props;
  const t = useText();
  const [body, setBody] = useState(props.draft);
  const [caret, setCaret] = useState(0);
  const [dismissed, setDismissed] = useState(-1);
  const [picking, setPicking] = useState(false);
  const [focused, setFocused] = useState(false);
  const typedAt = useRef(0);
  const kept = useRef(props.draft);

  // Another wording begins with the present one; what was being written before comes back after it.
  const editing = writing.kind === 'edit' ? writing.id : null;
  const present = writing.kind === 'edit' ? writing.body : null;
  useEffect(() => {
    setBody(editing === null ? kept.current : (present ?? ''));
    if (editing !== null) fieldRef.current?.focus();
  }, [editing, present, fieldRef]);

  const open = completionAt(body, caret);
  const prefix = open && focused && open.start !== dismissed ? open.prefix : null;
  const people = useNameable(props.roomId, props.people, props.morePeople, prefix);
  const over = [...body].length - LONGEST;

  const change = (text: string, at: number) => {
    setBody(text);
    setCaret(at);
    chooseFirst();
    if (editing === null) {
      kept.current = text;
      props.onDraft(text);
    }
    if (text.trim() === '' || Date.now() - typedAt.current < TYPING_MS) return;
    typedAt.current = Date.now();
    props.onTyping();
  };
  const replaceRange = (start: number, end: number, text: string) => {
    const at = start + text.length;
    change(body.slice(0, start) + text + body.slice(end), at);
    requestAnimationFrame(() => {
      fieldRef.current?.focus();
      fieldRef.current?.setSelectionRange(at, at);
    });
  };
  const complete = (person: Nameable) => {
    if (open) replaceRange(open.start, caret, `@${person.username} `);
  };
  const { listId, idOf, at: chosen, chooseFirst, onKey: onListKey } = useChosen(people, complete, COMPLETING_KEYS);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (body.trim() === '' || over > 0) return;
    if (editing === null) {
      props.onSend(body);
      change('', 0);
    } else props.onEdit(editing, body);
    typedAt.current = 0;
  };
  const onCompletionKey = (event: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    if (onListKey(event)) return true;
    if (people.length === 0 || event.key !== 'Escape') return false;
    setDismissed(open?.start ?? -1);
    event.preventDefault();
    return true;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes, keys pick words.
    if (event.nativeEvent.isComposing || onCompletionKey(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !isByTouch()) {
      event.preventDefault();
      event.currentTarget.form?.requestSubmit();
    } else if (event.key === 'ArrowUp' && body === '' && writing.kind === 'new') {
      event.preventDefault();
      props.onEditLast();
    } else if (event.key === 'Escape' && writing.kind !== 'new') {
      event.preventDefault();
      props.onCancel();
    }
  };

  return (
    <form className="composer" onSubmit={submit}>
      {people.length > 0 && (
        <div className="completion" role="listbox" id={listId} aria-label={t('composer.people')}>
          {people.map((person, at) => (
            <div
              key={person.id}
              id={idOf(at)}
              role="option"
              tabIndex={-1}
              aria-selected={at === chosen}
              onMouseDown={(event) => {
                event.preventDefault();
                complete(person);
              }}
            >
              <Avatar id={person.id} name={person.displayName} small />
              <bdi>{person.displayName}</bdi> <small>@{person.username}</small>
            </div>
          ))}
        </div>
      )}
      {writing.kind !== 'new' && (
        <div className="writing">
          <Icon name={writing.kind === 'edit' ? 'pencil' : 'reply'} />
          <span className="what">
            <strong>{writing.kind === 'edit' ? t('composer.editing') : t('composer.replying', { name: writing.name })}</strong>{' '}
            {writing.kind === 'reply' && <span dir="auto">{excerpt(writing.body, 80)}</span>}
          </span>
          <button type="button" className="icon-button" aria-label={t('composer.cancel')} onClick={props.onCancel}>
            <Icon name="close" />
          </button>
        </div>
      )}
      <div className="writing-field">
        <textarea
          ref={fieldRef}
          aria-label={t('composer.label')}
          aria-autocomplete="list"
          aria-controls={people.length > 0 ? listId : undefined}
          aria-activedescendant={people.length > 0 ? idOf(chosen) : undefined}
          placeholder={props.placeholder}
          rows={1}
          dir="auto"
          value={body}
          onChange={({ target }) => change(target.value, target.selectionStart)}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
        />
        <button
          type="button"
          className="icon-button"
          aria-label={t('composer.emoji')}
          title={t('composer.emoji')}
          aria-expanded={picking}
          onClick={() => setPicking(!picking)}
        >
          <Icon name="smile" />
        </button>
        <button
          type="submit"
          className="icon-button send"
          aria-label={t(editing === null ? 'composer.send' : 'composer.save')}
          disabled={body.trim() === '' || over > 0}
        >
          <Icon name="send" />
        </button>
      </div>
      {over > 0 && (
        <p role="alert" className="fault">
          {t('composer.tooLong', { count: over })}
        </p>
      )}
      {picking && (
        <EmojiPicker
          onPick={(emoji) => {
            setPicking(false);
            replaceRange(caret, caret, emoji);
          }}
          onClose={() => {
            setPicking(false);
            fieldRef.current?.focus();
          }}
        />
      )}
    </form>
  );
}
