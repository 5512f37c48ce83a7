import {
  createContext,
  Fragment,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { type CustomContainerComponentProps, Virtualizer, type VirtualizerHandle } from 'virtua';
import { Avatar } from '../base/avatar.tsx';
import { Icon } from '../base/icons.tsx';
import { isLookedAt } from '../base/visible.ts';
import { useText } from '../i18n/text.ts';
import { dayOf, listOf, timeOf as timeOfDay } from '../i18n/times.ts';
import type { Member, Message } from './documents.ts';
import type { Pending } from './outbox.ts';
import type { Stretch } from './timeline.ts';
import type { LiveRoom } from './use-room.ts';

/** How near the end counts as at the end, in px. */
const NEAR = 60;
/** Less than this is no movement but rounding, in px. */
const SLACK = 2;
/** How far from the edge of what is loaded more is read, in px. */
const AHEAD = 1200;
/** How long after the last message of the same author the next one needs no name, in ms. */
const CLOSE_MS = 5 * 60_000;
/** How many of those who have read up to a message are shown by their pictures. */
const FACES = 3;

/** A row: a message of the room, or one on its way. */
export type Row = Message | Pending;
/** Whether it is on its way still. */
export const isPending = (row: Row): row is Pending => 'taken' in row;
const idOf = (row: Row): string => (isPending(row) ? row.key : row.id);
const timeOf = (row: Row): number => (isPending(row) ? row.at : Date.parse(row.createdAt));

/** A message to go to, or the end where there is no id; the same one again is another target. */
export interface Target {
  readonly id: string | null;
  readonly highlight: boolean;
}

/** What is kept where it is, whatever comes in or turns out to be of another size; null where the reader has moved: then only what they see is kept. */
type Held = 'end' | { readonly id: string; readonly align: 'start' | 'center' | 'nearest' } | null;

/** What the box of the rows does before and after the virtualizer moves the place. */
const Around = createContext({ before: () => {}, after: () => {} });

/** The box of the rows. Its effects come just before those of the virtualizer, so that what moved before them is told from what moves in them. */
function Rows({ style, children, ref }: CustomContainerComponentProps) {
  const { before, after } = useContext(Around);
  useLayoutEffect(() => {
    before();
    queueMicrotask(after);
  });
  return (
    // The virtualizer would let clicks through while it scrolls: in a busy room it always does.
    <div ref={ref} style={{ ...style, pointerEvents: 'auto' }}>
      {children}
    </div>
  );
}

/** The messages of a room, of which only those near the screen exist as elements. It stays where the reader is, whatever comes in above or below. */
export function MessageList(props: {
  readonly stretch: Stretch;
  readonly rows: readonly Row[];
  readonly room: LiveRoom;
  readonly meId: string;
  /** The message after which the unread ones begin, or null. */
  readonly readUpTo: string | null;
  readonly target: Target | null;
  readonly readers: ReadonlyMap<string, readonly Member[]>;
  /** Where nothing comes before: what to say of the room. */
  readonly beginning: ReactNode;
  readonly draw: (row: Row, joined: boolean) => ReactNode;
  /** Told at every move: whether the end is in sight, and whether unread messages begin above that nobody has looked at yet. */
  readonly onLook: (atEnd: boolean, unreadAbove: boolean) => void;
  readonly onBeginning: () => void;
  readonly onNewest: () => void;
  readonly onLeave: () => void;
  readonly logRef: RefObject<HTMLDivElement | null>;
}) {
  const { stretch, rows, room, readUpTo, target, logRef, onLook } = props;
  const t = useText();
  const list = useRef<VirtualizerHandle>(null);
  const [place] = useState(() => ({
    held: 'end' as Held,
    // As it was left by what is done here, and by the virtualizer.
    top: 0,
    height: 0,
    room: 0,
    resting: true,
    endInSight: false,
    length: 0,
    settled: -1,
    target: null as Target | null,
    first: '',
    seen: null as string | null,
  }));
  const [lit, setLit] = useState<string | null>(null);
  const [measured, setMeasured] = useState(-1);
  const { length } = rows;
  const firstId = rows[0] ? idOf(rows[0]) : '';
  // Only what was put before the first may move the rest down.
  const shift = place.settled === stretch.name && place.first !== firstId;

  // From the virtualizer only where things are: to be scrolled by it goes on for as long as anything is measured, against the reader too.
  const topOf = useCallback(
    ({ id, align }: Exclude<Held, 'end' | null>, now: number): number => {
      const index = rows.findIndex((row) => idOf(row) === id);
      if (index < 0 || !list.current) return now;
      const start = list.current.getItemOffset(index);
      const spare = list.current.viewportSize - list.current.getItemSize(index);
      if (align === 'start') return start;
      return align === 'center' ? start - spare / 2 : Math.min(Math.max(now, start - spare), start);
    },
    [rows],
  );

  const look = useCallback(
    (wentUp = false) => {
      const log = logRef.current;
      if (!log) return;
      const below = log.scrollHeight - log.scrollTop - log.clientHeight;
      place.endInSight = stretch.later === null && (place.held === 'end' || (below < NEAR && isDrawn(log, length - 1)));
      const at = readUpTo === null ? -1 : room.timeline.indexOf(readUpTo);
      const divider = at < 0 || at + 1 >= length ? Number.NEGATIVE_INFINITY : (list.current?.getItemOffset(at + 1) ?? 0);
      const isInSight = divider > log.scrollTop - NEAR && divider < log.scrollTop + log.clientHeight;
      if (isInSight && isLookedAt()) place.seen = readUpTo;
      const goesOn = at < 0 ? stretch.earlier !== null : at + 1 < length;
      onLook(place.endInSight, readUpTo !== null && goesOn && place.seen !== readUpTo && divider < log.scrollTop);
      if (room.reading !== 'no') return;
      // To open a room costs nothing but its newest page: what lies before is read once somebody goes there.
      if (stretch.earlier !== null && log.scrollTop < (wentUp ? AHEAD : NEAR)) void room.readOn('earlier');
      else if (stretch.later !== null && below < AHEAD) void room.readOn('later');
    },
    [logRef, onLook, place, room, stretch, readUpTo, length],
  );

  /** Lets go where the reader has moved, by whatever means. Answers whether they went up. */
  const follow = useCallback((): boolean => {
    const log = logRef.current;
    if (!log) return false;
    const moved = log.scrollTop - place.top;
    if (Math.abs(moved) <= SLACK) return false;
    const below = log.scrollHeight - log.scrollTop - log.clientHeight;
    place.top = log.scrollTop;
    // Where less is to be seen, or there is more room for it, the browser moves it down to the end.
    if (moved < 0 && (below <= SLACK || log.clientHeight > place.room)) return false;
    const atEnd = moved > 0 && stretch.later === null && place.top + log.clientHeight >= place.height - SLACK;
    place.held = atEnd ? 'end' : null;
    place.resting = false;
    return moved < 0;
  }, [logRef, place, stretch]);

  const keep = useCallback(() => {
    const log = logRef.current;
    if (!log) return;
    if (place.held === 'end') log.scrollTop = log.scrollHeight;
    else if (place.held) log.scrollTop = topOf(place.held, log.scrollTop);
    place.top = log.scrollTop;
    place.height = log.scrollHeight;
    place.room = log.clientHeight;
    look();
  }, [logRef, place, topOf, look]);
  const around = useMemo(() => ({ before: follow, after: keep }), [follow, keep]);

  useLayoutEffect(() => {
    place.first = firstId;
    const grew = place.length < length;
    place.length = length;
    if (target && target !== place.target) {
      const isThere = target.id === null ? stretch.later === null : rows.some((row) => idOf(row) === target.id);
      if (isThere) {
        place.target = target;
        place.settled = stretch.name;
        place.held = target.id === null ? 'end' : { id: target.id, align: 'center' };
        if (target.highlight) setLit(target.id);
        return;
      }
    }
    if (rows.length === 0) return;
    if (place.settled !== stretch.name) {
      // The first look at it: at what is new, else at the end.
      place.settled = stretch.name;
      const divider = readUpTo === null ? -1 : rows.findIndex((row) => idOf(row) === readUpTo);
      const row = rows[Math.max(divider, 0)];
      if (stretch.later === null && divider < 0) place.held = 'end';
      else place.held = row ? { id: idOf(row), align: 'start' } : null;
    } else if (grew && place.endInSight && (place.held !== null || place.resting)) {
      // Who had everything in sight sees what comes, unless they are just going away.
      place.held = 'end';
    }
  });

  useEffect(() => {
    // Drawn in one frame, measured in the next.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => setMeasured(stretch.name));
    });
    return () => cancelAnimationFrame(frame);
  }, [stretch.name]);

  useEffect(() => {
    if (lit === null) return;
    const timer = setTimeout(() => setLit(null), 2500);
    return () => clearTimeout(timer);
  }, [lit]);

  const focusRow = (index: number) => {
    const one = rows[index];
    if (!one) return;
    const isLast = index === rows.length - 1 && stretch.later === null;
    place.held = isLast ? 'end' : { id: idOf(one), align: 'nearest' };
    keep();
    const row = () => logRef.current?.querySelector<HTMLElement>(`[data-index="${index}"] article`);
    // One that is out of sight exists only after it has been scrolled to.
    if (row()) row()?.focus();
    else requestAnimationFrame(() => row()?.focus());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (!(event.target instanceof HTMLElement) || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = event.target.closest('[data-index]')?.getAttribute('data-index');
    const index = row === null || row === undefined ? rows.length : Number(row);
    switch (event.key) {
      case 'ArrowUp':
        focusRow(Math.max(0, index - 1));
        break;
      case 'ArrowDown':
        focusRow(Math.min(rows.length - 1, index + 1));
        break;
      case 'Home':
        props.onBeginning();
        break;
      case 'End':
        props.onNewest();
        break;
      case 'Escape':
        props.onLeave();
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  return (
    <div className="timeline-frame">
      <div
        ref={logRef}
        id="messages"
        className={measured === stretch.name ? 'timeline' : 'timeline unmeasured'}
        role="log"
        // What is new is said elsewhere, in measure; what scrolls into view is not new.
        aria-live="off"
        aria-label={t('room.log')}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={() => look(follow())}
      >
        {length === 0 && props.beginning}
        <Around value={around}>
          <Virtualizer
            key={stretch.name}
            ref={list}
            data={rows}
            shift={shift}
            scrollRef={logRef}
            bufferSize={400}
            as={Rows}
            onResize={keep}
            onScrollEnd={() => {
              place.resting = true;
            }}
          >
            {(row, index) => {
              const before = rows[index - 1];
              const newDay = before === undefined || dayKey(before) !== dayKey(row);
              const isNew = before !== undefined && idOf(before) === readUpTo && !isPending(row);
              const id = idOf(row);
              return (
                <div key={id} data-index={index} className={lit === id ? 'row lit' : 'row'}>
                  {index === 0 && stretch.earlier === null && props.beginning}
                  {newDay && (
                    <div className="day">
                      <span>{dayOf(new Date(timeOf(row)).toISOString())}</span>
                    </div>
                  )}
                  {isNew && (
                    <div className="new">
                      <span>{t('room.new')}</span>
                    </div>
                  )}
                  {props.draw(row, !newDay && !isNew && isJoined(before, row, props.meId))}
                  <Readers members={props.readers.get(id)} />
                </div>
              );
            }}
          </Virtualizer>
        </Around>
      </div>
      {room.reading === 'yes' && (
        <p className={stretch.later === null ? 'reading late' : 'reading below late'}>{t('room.loadingMore')}</p>
      )}
      {room.reading === 'failed' && (
        <p className="reading" role="alert">
          {t('room.loadFault')}{' '}
          <button type="button" className="link" onClick={() => room.readOn(stretch.later === null ? 'earlier' : 'later')}>
            {t('error.retry')}
          </button>
        </p>
      )}
    </div>
  );
}

/** Whether a row is there and measured: before that the list guesses where it ends. */
function isDrawn(log: HTMLElement, index: number): boolean {
  const row = log.querySelector(`[data-index="${index}"]`);
  return index < 0 || (row !== null && getComputedStyle(row).visibility === 'visible');
}

const dayKey = (row: Row): string => new Date(timeOf(row)).toDateString();

function isJoined(before: Row | undefined, row: Row, meId: string): boolean {
  if (before === undefined || row.replyTo !== null) return false;
  const authorOf = (one: Row) => (isPending(one) ? meId : one.kind === 'TEXT' ? (one.author?.id ?? null) : null);
  const author = authorOf(row);
  return author !== null && author === authorOf(before) && timeOf(row) - timeOf(before) < CLOSE_MS;
}

function Readers({ members = [] }: { readonly members?: readonly Member[] | undefined }) {
  const t = useText();
  if (members.length === 0) return null;
  const names = listOf(members.map(({ user }) => user.displayName));
  const whoAndWhen = listOf(members.map(({ user, lastReadAt }) => `${user.displayName} (${whenOf(lastReadAt)})`));
  return (
    <div className="readers" role="img" aria-label={t('room.readBy', { names })} title={t('room.readBy', { names: whoAndWhen })}>
      {members.slice(0, FACES).map(({ user }) => (
        <Fragment key={user.id}>
          <Avatar id={user.id} name={user.displayName} small />
        </Fragment>
      ))}
      {members.length > FACES && <small>+{members.length - FACES}</small>}
    </div>
  );
}

const whenOf = (at: string | null): string => (at === null ? '' : `${dayOf(at)}, ${timeOfDay(at)}`);

/** A button at the lower edge that goes to the newest message. */
export function ToNewest({ count, onClick }: { readonly count: number; readonly onClick: () => void }) {
  const t = useText();
  const text = count > 0 ? t('room.newBelow', { count }) : t('room.newest');
  return (
    <button type="button" className={count > 0 ? 'to-newest' : 'to-newest nothing-new'} aria-label={text} onClick={onClick}>
      <Icon name="down" />
      <span>{text}</span>
    </button>
  );
}
