import { useText } from '../i18n/text.ts';

const LINES = ['short', 'long', 'middle', 'long', 'short', 'middle', 'long', 'short'];

/** A room whose messages have not come yet. */
export function RoomSkeleton() {
  const t = useText();
  return (
    <div className="skeleton" aria-busy="true">
      <p className="hidden" role="status">
        {t('room.loading')}
      </p>
      {LINES.map((length, at) => (
        <div key={`${at}${length}`} className={`bone ${length}`} aria-hidden="true">
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}
