import { useText } from '../i18n/text.ts';
import { Icon } from './icons.tsx';
import { HOME_HREF } from './route.ts';

/** The way back to the list of rooms; shown only where there is no room for both. */
export function BackLink() {
  const t = useText();
  return (
    <a className="icon-button back" href={HOME_HREF} aria-label={t('rooms.back')}>
      <Icon name="back" />
    </a>
  );
}
