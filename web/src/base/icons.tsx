const PATHS = {
  hash: 'M9.5 4 7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  plus: 'M12 5v14M5 12h14',
  search: 'M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16.2 16.2 21 21',
  compass: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM15.5 8.5l-2 5-5 2 2-5z',
  people:
    'M9 5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 5.5a3.2 3.2 0 0 1 0 6.3M17.5 14.3c2.4.7 3.7 2.6 4 5.7',
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6 6 18',
  send: 'M4 12 20 4l-5 16-3.5-6.5z',
  smile: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM8.5 14.5c2 2.6 5 2.6 7 0M9 9.5v.1M15 9.5v.1',
  reply: 'M9.5 6 4 11.5 9.5 17M4.5 11.5H14c4 0 6 2.5 6 6.5',
  pencil: 'M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5z',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13',
  link: 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-5.5l-1 1M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 5.5l1-1',
  down: 'M12 5v14M6 13l6 6 6-6',
  gear: 'M4 7h9M19 7h1M4 17h1M11 17h9M13 4.5h6v5h-6zM5 14.5h6v5H5z',
  message: 'M4 5h16v11H11l-4.5 4v-4H4z',
  offline: 'M3 9a13 13 0 0 1 5-2.8M21 9a13 13 0 0 0-8-3.4M6.5 13a8 8 0 0 1 3.5-2M12 18.5v.1M4 4l16 16',
  clock: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 8v4.5l3 2',
  more: 'M5.5 12v.1M12 12v.1M18.5 12v.1',
} as const;

/** The name of a picture. */
export type IconName = keyof typeof PATHS;

/** A small picture that says nothing by itself: what it stands beside, or the label around it, does. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
