import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useText } from '../i18n/text.ts';
import { Icon } from './icons.tsx';

/** A dialog in front of everything: takes the focus, keeps it, gives it back. Escape or a click beside it closes it. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly className?: string;
  /** The title is for those who cannot see; what is in it says enough to others. */
  readonly bare?: boolean;
}) {
  const t = useText();
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog || dialog.open) return;
    const before = document.activeElement;
    dialog.showModal();
    // What was opened to type in it is typed in at once.
    dialog.querySelector<HTMLElement>('input:not([type=radio]), textarea')?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={`dialog ${props.className ?? ''}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onKeyDown={(event) => {
        // Search fields would take the key to empty themselves.
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        props.onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) props.onClose();
      }}
    >
      <div className="dialog-box">
        <header className={props.bare ? 'hidden' : 'dialog-head'}>
          <h2 id={titleId} dir="auto">
            {props.title}
          </h2>
          {!props.bare && (
            <button type="button" className="icon-button" aria-label={t('dialog.close')} onClick={props.onClose}>
              <Icon name="close" />
            </button>
          )}
        </header>
        {props.children}
      </div>
    </dialog>
  );
}

/** Asks before something that cannot be undone. */
export function Confirm(props: {
  readonly title: string;
  readonly hint?: string;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}) {
  const t = useText();
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      {props.children}
      {props.hint && <p className="quiet">{props.hint}</p>}
      <div className="actions">
        <button type="button" className="button" onClick={props.onClose}>
          {t('dialog.cancel')}
        </button>
        <button
          type="button"
          className="button danger"
          onClick={() => {
            props.onConfirm();
            props.onClose();
          }}
        >
          {props.action}
        </button>
      </div>
    </Dialog>
  );
}
