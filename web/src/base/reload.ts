import { useState } from 'react';

/** How to come by code that failed to load, and whether that is being tried. */
export interface Reload {
  readonly busy: boolean;
  readonly reload: () => void;
}

/** Loads the page anew once it can be had: browsers do not ask again for code that failed to load, only another page does. */
export function useReload(): Reload {
  const [busy, setBusy] = useState(false);
  const reload = async () => {
    setBusy(true);
    const isThere = await fetch(location.pathname, { cache: 'no-store' }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) location.reload();
    else setBusy(false);
  };
  return { busy, reload: () => void reload() };
}
