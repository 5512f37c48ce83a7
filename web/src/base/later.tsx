import { type ComponentType, type ReactNode, Suspense, use } from 'react';
import { useText } from '../i18n/text.ts';
import { BackLink } from './back-link.tsx';
import { Dialog } from './dialog.tsx';
import { Icon } from './icons.tsx';
import { useReload } from './reload.ts';

/** What lies in front of the page can be closed; what stands in it cannot. */
interface Closable {
  readonly onClose?: () => void;
}

/**
 * A component whose code is loaded when it is first shown. Where the code does not come (the network is away, another version is served by now), that is
 * said in its place, and the rest of the page goes on.
 */
export function later<P extends object>(
  load: () => Promise<{ readonly default: ComponentType<P> }>,
): ComponentType<P & Closable> {
  let asked: Promise<ComponentType<P> | null> | null = null;

  function Part(props: P & Closable) {
    asked ??= load().then(
      (module) => module.default,
      () => null,
    );
    const Loaded = use(asked);
    return Loaded ? <Loaded {...props} /> : <Missing onClose={props.onClose} />;
  }

  return function Later(props: P & Closable) {
    return (
      <Suspense fallback={null}>
        <Part {...props} />
      </Suspense>
    );
  };
}

function Missing({ onClose }: { readonly onClose: (() => void) | undefined }): ReactNode {
  const t = useText();
  const { busy, reload } = useReload();
  const again = (
    <button type="button" className="button primary" disabled={busy} onClick={reload}>
      {t('error.reload')}
    </button>
  );
  if (onClose) {
    return (
      <Dialog title={t('error.part')} onClose={onClose}>
        <p className="quiet" role="alert">
          {t('error.partHint')}
        </p>
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {t('dialog.close')}
          </button>
          {again}
        </div>
      </Dialog>
    );
  }
  return (
    <section className="room" aria-label={t('error.part')}>
      <div className="bar">
        <BackLink />
      </div>
      <div className="blank" role="alert">
        <Icon name="offline" />
        <h1>{t('error.part')}</h1>
        <p className="quiet">{t('error.partHint')}</p>
        {again}
      </div>
    </section>
  );
}
