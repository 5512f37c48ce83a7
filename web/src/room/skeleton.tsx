import { useText } from '../i18n/text.ts';

const LINES = Object.entries({ a: 'short', b: 'long', c: 'middle', d: 'long', e: 'short', f: 'middle', g: 'long', h: 'short' });

/** A room whose messages have not come yet. */
export function RoomSkeleton() {
  const t = useText();
  return (
    <div className="skeleton" aria-busy="true">
      <p className="hidden" role="status">
        {t('room.loading')}
      </p>
      {LINES.map(([key, length]) => (
        <div key={key} className={`bone ${length}`} aria-hidden="true">
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}
