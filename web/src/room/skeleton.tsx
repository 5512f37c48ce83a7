import { BackLink } from '../base/back-link.tsx';
import { useText } from '../i18n/text.ts';
import { LinkStrip } from './link-strip.tsx';

const SHAPES = Object.entries({
  a: 'long',
  b: 'middle',
  c: 'short two',
  d: 'long',
  e: 'middle two',
  f: 'short',
  g: 'long two',
  h: 'middle',
});

/** A room whose messages have not come yet. */
export function RoomSkeleton() {
  const t = useText();
  return (
    <div className="skeleton" aria-busy="true">
      <p className="hidden" role="status">
        {t('room.loading')}
      </p>
      {SHAPES.map(([key, shape]) => (
        <div key={key} className={`bone line ${shape}`} aria-hidden="true">
          <span />
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}

/** A room of which nothing is known yet, not even its name: everything has its place already. */
export function RoomOutline() {
  const t = useText();
  return (
    <section className="room" aria-label={t('rooms.fallback')}>
      <div className="bar">
        <BackLink />
        <h1 className="hidden">{t('room.loading')}</h1>
        <span className="bone short" aria-hidden="true">
          <span />
          <span />
        </span>
      </div>
      <LinkStrip />
      <RoomSkeleton />
      <div className="composer outline" aria-hidden="true">
        <div className="writing-field" />
      </div>
    </section>
  );
}
