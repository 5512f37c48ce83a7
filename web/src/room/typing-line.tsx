import { useStore } from '../base/store.ts';
import { useText } from '../i18n/text.ts';
import type { Typists } from './typists.ts';

/** Who is typing. Its place is there also while nobody is, so that nothing moves. */
export function TypingLine({ typists }: { readonly typists: Typists }) {
  const t = useText();
  const [a, b, ...others] = useStore(typists);
  return (
    <p className="typing" aria-live="off">
      {a && <span className="dots" aria-hidden="true" />}
      {a && !b && t('room.typing.one', { a: a.name })}
      {a && b && others.length === 0 && t('room.typing.two', { a: a.name, b: b.name })}
      {others.length > 0 && t('room.typing.many')}
    </p>
  );
}
