/** What this browser keeps for the page. Where it keeps nothing (private windows, full disks) the page works, and forgets. */
const PREFIX = 'parley:';

/** What was kept under that name, or null. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Keeps it; null forgets. */
export function keep(name: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, text);
  } catch {
    // Not kept: what is on the screen is still right.
  }
}

/** Forgets everything whose name begins so. */
export function forgetAll(prefix: string): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX + prefix)) localStorage.removeItem(name);
  } catch {
    // As above.
  }
}
